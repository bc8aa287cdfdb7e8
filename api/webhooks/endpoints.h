#pragma once
// How far each webhook has come, in the vault, so that a restart goes on there. What waits for a webhook is nothing but
// a position: the events behind it are read when they are sent, so that however much waits costs nothing, and nothing
// personal is kept. Which webhooks there are, and whether they are enabled, is the workspace's (domain/webhook.h). For
// any thread.
//
// Rows but those of secrets (endpoint_rows.h) are not synced: after a crash the same events are sent again, with the
// same ids.

#include "domain/ids.h"
#include "domain/instant.h"
#include "eventstore/sealed_rows.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace muster::webhooks {

struct WebhookKey {
    WorkspaceId workspace;
    WebhookId webhook;
    auto operator<=>(const WebhookKey&) const = default;
};

// What became so far of one event's delivery.
struct Trial {
    Position position = 0;  // 0: of none
    EventId event;
    std::uint32_t attempts = 0;
    Instant first;
    Instant last;
    Instant due;  // of the next attempt
    int status = 0;
    std::string detail;
};

struct Endpoint {
    WebhookKey key;
    Position done = 0;  // every event up to it is over, or was not wanted
    Trial trial;        // of the event that is being tried
    std::set<Position> retries;
    // As its last turn found it, in memory only, for figures: whether its workspace has it enabled, and how many events
    // of the workspace lie behind it (counted up to limits::webhook_behind_counted).
    bool enabled = true;
    std::size_t behind = 0;
    // In memory only: whether it was sent anything since the start, and the last attempt lasted as long as a turn may.
    bool known = false;
    bool slow = false;
    [[nodiscard]] bool in_trouble() const { return trial.attempts > 0; }
};

// Whether a target is likely to hold its sender up.
enum class Bearing : std::uint8_t { answers, hangs, unknown };

struct Over {
    Trial trial;
    bool taken = false;
};

// All webhooks together, at a moment.
struct Standing {
    std::size_t idle = 0;      // with nothing to send
    std::size_t sending = 0;   // with something, that is being sent or waits for its turn
    std::size_t retrying = 0;  // whose target did not take the last attempt
    std::size_t disabled = 0;
    // Events that the enabled ones have not got past, wanted or not: of all together, and of the last one.
    std::size_t behind = 0;
    std::size_t behind_most = 0;
};

class Endpoints {
public:
    // With what was there when the vault was closed; each is looked at once. Throws DamageError where a row is not as
    // it was written.
    Endpoints(SealedRows rows, Instant now);

    // ---- Secrets.
    // Stored and synced, before the event that names it.
    void keep_secret(const WebhookKey& key, const Uuid& id, const SecretKey& secret);
    void drop_secret(const WebhookKey& key, const Uuid& id);
    [[nodiscard]] std::optional<SecretKey> secret(const WebhookKey& key, const Uuid& id) const;
    // The secrets that `used` does not know are gone; for when nobody makes any.
    void drop_unused_secrets(const std::function<bool(const WebhookKey&, const Uuid&)>& used);

    // ---- Following.
    // A new webhook gets the events behind this position; nothing comes of one that is known.
    void add(const WebhookKey& key, Position created);
    // All that is known of it, its secrets too. One that is being sent to is forgotten when it is put back.
    void forget(const WebhookKey& key);
    void forget(WorkspaceId workspace);
    // All go on behind this position, and of what was sent before nothing is known: in a restored history, whose later
    // events may have been sent already.
    void skip_to(Position position);
    // There is something new for all webhooks of the workspace; for those that are in trouble it has to wait.
    void more_for(WorkspaceId workspace, Instant now);
    // It was changed: tried at once, for three days from now.
    void changed(const WebhookKey& key, Instant now);

    // ---- Sending.
    // The one that is due for the longest of those whose workspace has a sender left of its share (limits.h); nobody
    // else gets it, and the sender is held, until it is put back.
    std::optional<Endpoint> take(Instant now);
    // As it stands now; `due` where there is more to do. What was asked for meanwhile is kept, and due at once.
    void put_back(const Endpoint& endpoint, std::optional<Instant> due, Instant now);
    // In between: what is over of it, and how it stands then.
    void record(const Endpoint& endpoint, const Over& over);

    // ---- Looking.
    [[nodiscard]] std::optional<Endpoint> find(const WebhookKey& key) const;
    // The newest first.
    [[nodiscard]] std::vector<Over> over(const WebhookKey& key) const;
    // Whether a retry by hand came before its turn and was taken.
    [[nodiscard]] bool taken_ahead(const WebhookKey& key, const Trial& next) const;
    // One attempt out of order, whatever waits; `at_its_turn`: at once the one that is being tried, in order. False
    // where there are too many.
    [[nodiscard]] bool retry(const WebhookKey& key, Position position, bool at_its_turn, Instant now);
    // When one is due that may be taken as things are.
    [[nodiscard]] std::optional<Instant> next_due() const;
    [[nodiscard]] bool empty() const;
    [[nodiscard]] Standing standing() const;

private:
    // Of equal times, who came first.
    using Place = std::pair<Instant, std::uint64_t>;
    struct Held {
        Endpoint endpoint;
        std::optional<Place> due;  // where it is in by_time_
        bool taken = false;
        // While it was taken: something new came, it was changed, a retry was asked for, of the one in trouble too.
        bool more = false;
        bool changed = false;
        bool asked = false;
        bool hurried = false;
        std::size_t over = 0;  // rows since the last trimming
    };
    // Threads that send: how many, and how many of them to whom may hang or is new.
    struct Senders {
        std::size_t all = 0;
        std::size_t for_hanging = 0;
        std::size_t for_new = 0;
        void count(Bearing bearing, std::ptrdiff_t more);
    };
    [[nodiscard]] bool room_for(const Endpoint& endpoint) const;
    void let_go(const WebhookKey& key);
    // It was set back: nobody waits for longer than a pause.
    void heed_clock(Instant now);
    void schedule(Held& held, std::optional<Instant> due);
    void write(const Endpoint& endpoint);
    void trim(const WebhookKey& key);
    void erase_rows(const WebhookKey& key);

    SealedRows rows_;
    mutable std::mutex mutex_;
    std::map<WebhookKey, Held> held_;      // guarded by mutex_, as is
    std::map<Place, WebhookKey> by_time_;  // those that are not taken
    std::uint64_t scheduled_ = 0;          // so far
    Instant taken_at_;                     // when somebody last asked for one
    std::map<WebhookKey, Bearing> taken_;  // also where it was forgotten meanwhile
    std::map<WorkspaceId, Senders> busy_;  // of each workspace,
    Senders all_busy_;                     // and of all
};

}  // namespace muster::webhooks
