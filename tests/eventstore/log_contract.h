// What tests of the log say: appends of events that mean nothing to it, on either table.
#pragma once

#include "eventstore/codec.h"
#include "tests/eventstore/fixture.h"

#include <future>

namespace muster::test::contract {

inline const WorkspaceId spring = spec::spring;
inline const WorkspaceId autumn = spec::numbered<WorkspaceId>(2);
inline const Claim grace_claim = EmailClaim{"grace"}.claim();

inline StreamId person(std::uint8_t n) { return stream_of(spec::numbered<MemberId>(n)); }
inline StreamId person_of(int n) {
    auto id = spec::numbered<MemberId>(static_cast<std::uint8_t>(n & 0xff));
    id.uuid.bytes[14] = static_cast<std::uint8_t>(n >> 8);
    return stream_of(id);
}

// An append of one event on each of the streams; what it says does not matter to the log.
inline Append append(const std::vector<StreamId>& streams, WorkspaceId workspace = spring) {
    Append made;
    made.workspace = workspace;
    for (const auto& stream : streams) {
        ToAppend event{stream, InvitationExpired{}, encode(InvitationExpired{}, nullptr), {}};
        event.payload_hash = sha256(event.payload);
        made.events.push_back(std::move(event));
    }
    return made;
}

inline Append with(Append made, const std::function<void(Append&)>& change) {
    change(made);
    return made;
}

struct Contract : LogWorld {
    Contract() : LogWorld(GENERATE(On::memory, On::rocks)) {}
    Appended add(Append asked) { return log->append_and_wait(std::move(asked)); }
    AppendStatus status(Append asked) { return add(std::move(asked)).status; }
    void refused(Append asked, AppendStatus as = AppendStatus::conflict) {
        auto before = rows();
        auto answer = add(std::move(asked));
        INFO(answer.why);
        CHECK(answer.status == as);
        CHECK(answer.events.empty());
        CHECK(rows() == before);  // no trace
    }
    // Holds the log while many appends queue, so that half of them become one group, and the others the next, which is
    // decided while that is written. `before_first` is called before the first of the two is.
    std::vector<Appended> queued_together(std::vector<Append> asked, const std::function<void()>& before_first = {}) {
        std::promise<void> begun, go;
        auto going = go.get_future();
        std::atomic<int> writes = 0;
        faults->before_write = [&] {
            auto write = ++writes;
            if (write == 1) {
                begun.set_value();
                going.wait();
            }
            if (write == 2 && before_first) before_first();
        };
        std::vector<std::promise<Appended>> answers(asked.size() + 1);
        log->append(append({person(250)}), [&](Appended answer) { answers.back().set_value(std::move(answer)); });
        begun.get_future().wait();
        for (std::size_t i = 0; i < asked.size(); ++i)
            log->append(std::move(asked[i]), [&, i](Appended answer) { answers[i].set_value(std::move(answer)); });
        go.set_value();
        std::vector<Appended> done;
        answers.back().get_future().wait();
        for (std::size_t i = 0; i < asked.size(); ++i) done.push_back(answers[i].get_future().get());
        faults->before_write = nullptr;
        return done;
    }
};

}  // namespace muster::test::contract
