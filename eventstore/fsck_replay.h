#pragma once
// What fsck makes of the events alone: how every row should be. fsck.cpp compares.

#include "domain/event.h"
#include "eventstore/frame.h"
#include "eventstore/log_rows.h"

#include <functional>
#include <map>
#include <string>
#include <unordered_map>

namespace muster {

class Replay {
public:
    using Report = std::function<void(Position, const std::string& sentence)>;
    explicit Replay(Report report) : report_(std::move(report)) {}

    struct OfWorkspace {
        Workspace state;
        rows::ChainHead head;
        std::map<Counter, std::int64_t> used;
        bool had_admin = false;
    };
    struct OfKey {
        WorkspaceId workspace;
        std::string email_claim;
    };

    // The next event. Its place and links, then what it changes.
    void next(const Frame& frame);
    // An event could not be read. Whichever workspace's it was, the one behind it does not follow: that is not said
    // again.
    void skip() { ++unread_; }

    [[nodiscard]] const std::unordered_map<Uuid, OfWorkspace>& workspaces() const { return workspaces_; }
    // Memberships that hold something.
    [[nodiscard]] const std::unordered_map<Uuid, Membership>& holders() const { return holders_; }
    // Those that are open.
    [[nodiscard]] const std::unordered_map<Uuid, InvitationRequest>& requests() const { return requests_; }
    [[nodiscard]] const std::map<std::string, Uuid>& persons() const { return persons_; }  // by the row's key
    [[nodiscard]] const std::unordered_map<Uuid, OfKey>& keys() const { return keys_; }
    [[nodiscard]] const rows::Head& end() const { return end_; }

private:
    void follow(const Frame& frame, OfWorkspace& workspace);
    void evolve_membership(const Frame& frame, const Recorded& recorded, OfWorkspace& workspace);
    void evolve_request(const Frame& frame, const Recorded& recorded);
    void bind_key(const Frame& frame, const std::string& email_claim);
    void count(const Recorded& recorded, const Holdings& before, const Holdings& after, OfWorkspace& workspace);

    Report report_;
    rows::Head end_;
    std::uint64_t unread_ = 0;
    std::unordered_map<Uuid, OfWorkspace> workspaces_;
    std::unordered_map<Uuid, Membership> holders_;
    std::unordered_map<Uuid, InvitationRequest> requests_;
    std::map<std::string, Uuid> persons_;
    std::unordered_map<Uuid, OfKey> keys_;
};

}  // namespace muster
