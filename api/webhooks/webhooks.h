#pragma once
// The follower of the log that sends events to webhooks: at least once, in the log's order for each webhook, with the
// event's id in every attempt. One thread follows and wakes, others send; each webhook has one request under way at
// most, so that one which hangs holds up only itself, and each workspace a share of the senders, so that all of its own
// hold up no other workspace's.
//
// What is not taken is tried again for three days, with pauses that double, and everything behind it waits: the pause
// is the breaker. Then the delivery has failed and the webhook is disabled, by an event; one that answers 410 is
// disabled at once. Enabled again it goes on where it stood: nothing is skipped but what has failed, which can be
// retried by hand. What is sent is written when it is sent, so that nothing of an erased person goes out.
//
// Where a workspace is deleted its webhooks are told, after what happened before; until that is taken, or for three
// days, their places and secrets are kept.

#include "api/background.h"
#include "api/webhooks/client.h"
#include "api/webhooks/endpoints.h"
#include "api/webhooks/testers.h"
#include "eventstore/execute.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace muster::webhooks {

enum class DeliveryStatus { pending, delivered, failed };
MUSTER_ENUM(DeliveryStatus, pending, delivered, failed);

struct Delivery {
    DeliveryStatus status{};
    Trial trial;
    bool in_turn = false;  // the next one of a webhook that is enabled: it is tried again by itself
};

// What has come of attempts since the start, and how all webhooks stand. Neither names one: there may be thousands.
struct Figures {
    std::uint64_t taken = 0;       // attempts that a target answered with 2xx,
    std::uint64_t refused = 0;     // with something else,
    std::uint64_t unanswered = 0;  // or not at all, or that were not made: no address that one may go to, no secret
    std::uint64_t given_up = 0;    // deliveries that have failed for good
    Standing standing;
};

class Webhooks {
public:
    // `public_url` is where events come from (api/cloud_event.h). `report` is told of what does not go as it should,
    // without URLs, on any thread; it may be empty. What is given by reference must outlive it.
    Webhooks(Execute& execute, const History& history, Entropy& entropy, ClientOptions client, std::string public_url,
             std::function<void(std::string_view)> report);
    ~Webhooks();  // stops
    Webhooks(const Webhooks&) = delete;
    Webhooks& operator=(const Webhooks&) = delete;

    // Begins on threads of its own. Stopping breaks off what is being sent; it goes on at the next start.
    void start();
    void stop();
    // The log has grown. Short, on any thread.
    void wake() { follower_.wake(); }
    // All that is to be done now, on the caller's thread, for tests and simulations; not together with `start`.
    void catch_up();

    // Whether http is good enough somewhere.
    [[nodiscard]] bool plain_targets() const { return plain_targets_; }

    // A new secret, in the vault before the event that names it; as it is shown once.
    std::string keep_secret(const WebhookKey& key, const Uuid& id);
    void drop_secret(const WebhookKey& key, const Uuid& id) { endpoints_.drop_secret(key, id); }

    // The newest first: what waits (no more than limits::webhook_deliveries_waiting_shown, the next ones), what is
    // being tried, and what is over.
    [[nodiscard]] std::vector<Delivery> deliveries(const Workspace& workspace, const HeldWebhook& webhook) const;
    // One attempt soon, whether it waits, is over or the webhook is disabled; out of order but for the one whose turn
    // it is. False where too many retries wait.
    [[nodiscard]] bool retry(const WebhookKey& key, const Delivery& delivery);
    // Sends a test soon, whether the webhook is enabled or not, and tells what came of it on a thread of the testers;
    // false where too many wait.
    [[nodiscard]] bool test(const WebhookKey& key, std::function<void(const std::string& id, const Attempt&)> told);

    [[nodiscard]] Figures figures() const;

private:
    struct Wanted;
    struct Turn;

    void start_senders();
    bool follow_some();
    void heed(Position position, std::string_view type, WorkspaceId workspace);
    void send();
    bool send_one();
    void take_turn(Turn& turn);
    // Also one that was deleted.
    [[nodiscard]] std::shared_ptr<const Workspace> workspace_of(const WebhookKey& key) const;
    bool retry_asked(Turn& turn);
    bool deliver_next(Turn& turn);
    // The next events that it wants behind `after`, which comes to stand before the first that was not looked at or is
    // one more than were asked for.
    std::vector<Wanted> wanted(const HeldWebhook& webhook, WorkspaceId workspace, Position& after,
                               std::size_t most) const;
    Attempt post(Turn& turn, const HeldWebhook& webhook, const std::string& id, const std::string& body);
    Attempt post_event(Turn& turn, const HeldWebhook& webhook, Position position);
    Attempt post_asked(Turn& turn, const HeldWebhook& webhook, Position position);
    // Whether somebody has changed it since it was like that.
    [[nodiscard]] bool changed_since(const WebhookKey& key, Version seen) const;
    void count(const Attempt& attempt);
    // How many events of its workspace lie behind it.
    [[nodiscard]] std::size_t behind(const Endpoint& endpoint) const;
    void disable(const WebhookKey& key, WebhookTrouble trouble);
    void wake_sender();
    void tell(std::string_view what) const;

    Execute& execute_;
    const History& history_;
    Entropy& entropy_;
    const bool plain_targets_;
    const std::string public_url_;
    const std::function<void(std::string_view)> report_;
    Client client_;
    Endpoints endpoints_;

    std::atomic<std::uint64_t> taken_ = 0, refused_ = 0, unanswered_ = 0, given_up_ = 0;

    Position followed_ = 0;  // the following thread's

    std::mutex mutex_;
    std::condition_variable due_wakes_;
    bool runs_ = false;                   // on threads of its own; guarded by mutex_
    std::atomic<bool> stopping_ = false;  // set under mutex_
    FollowingThread follower_;
    std::vector<std::thread> senders_;  // made by the follower
    Testers testers_;
};

}  // namespace muster::webhooks
