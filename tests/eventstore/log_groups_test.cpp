// The log's groups: what is decided together, and while the group before is written.
#include "tests/eventstore/log_contract.h"

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

namespace muster::test::contract {
namespace {

TEST_CASE_METHOD(Contract, "an append of a group sees the ones before it") {
    auto first = append({person(1)});
    first.claimed.emplace_back(grace_claim, person(1));
    auto stale = append({person(1)});
    stale.expected.push_back({person(1), 0});
    auto taken = append({person(2)});
    taken.claimed.emplace_back(grace_claim, person(2));
    auto good = append({person(1)});
    good.expected.push_back({person(1), 1});
    auto answers = queued_together({first, stale, taken, good});
    CHECK(answers[0].position == 2);
    CHECK(answers[1].status == AppendStatus::conflict);
    CHECK(answers[2].status == AppendStatus::conflict);
    CHECK(answers[3].position == 3);
    CHECK(answers[3].events[0]->meta.version == 2);
    CHECK(log->positions(person(1), 0) == std::vector<Position>{2, 3});
}

TEST_CASE_METHOD(Contract, "a group is decided while the one before is written, and sees what that holds") {
    std::promise<void> decided;
    auto claims = append({person(1)});
    claims.claimed.emplace_back(grace_claim, person(1));
    auto taken = append({person(2)});
    taken.claimed.emplace_back(grace_claim, person(2));
    auto next = append({person(1)});
    next.expected.push_back({person(1), 1});
    next.idempotency_key = "next";
    next.idempotency_row = [&](auto&&...) {
        decided.set_value();
        return std::string();
    };
    std::vector<Append> asked{claims};
    for (int i = 0; i < 3 * static_cast<int>(limits::decided_ahead); ++i)
        asked.push_back(append({person(static_cast<std::uint8_t>(10 + i))}));
    asked.insert(asked.end(), {taken, next});
    bool overlapped = false;
    auto answers = queued_together(asked, [&] {
        overlapped = decided.get_future().wait_for(std::chrono::seconds(60)) == std::future_status::ready;
    });
    CHECK(overlapped);
    CHECK(answers.front().status == AppendStatus::done);
    CHECK(answers[asked.size() - 2].status == AppendStatus::conflict);
    CHECK(answers.back().status == AppendStatus::done);
    CHECK(log->positions(person(1), 0).size() == 2);
    CHECK(log->holder(spring, grace_claim) == person(1));
}

Append large(int from) {
    std::vector<StreamId> people;
    for (int i = 0; i < static_cast<int>(limits::bulky_events); ++i) people.push_back(person_of(from + i));
    return append(people);
}

TEST_CASE_METHOD(Contract, "a small append goes before all large ones that wait") {
    auto small = append({person(1)});
    auto answers = queued_together({small, large(100), large(200), large(300), small, small});
    auto at = [&](std::size_t which) { return answers[which].position; };
    CHECK(at(4) < at(1));
    CHECK(at(5) < at(1));
    CHECK(at(1) < at(2));
    CHECK(at(2) < at(3));
}

TEST_CASE_METHOD(Contract, "a large append waits for a few groups of small ones, however many come") {
    std::promise<void> begun, go;
    auto going = go.get_future();
    std::atomic<int> writes = 0;
    faults->before_write = [&] {
        const int write = ++writes;
        if (write > 50) return;
        log->append(append({person_of(1000 + write)}), [](const Appended&) {});
        if (write > 1) return;
        begun.set_value();
        going.wait();
    };
    log->append(append({person(1)}), [](const Appended&) {});
    begun.get_future().wait();
    std::promise<int> answered;
    log->append(large(100), [&](const Appended&) { answered.set_value(writes); });
    go.set_value();
    CHECK(answered.get_future().get() == 1 + static_cast<int>(limits::small_groups_before_bulky) + 1);
    while (writes <= 50) std::this_thread::yield();
    (void)log->append_and_wait(append({person(2)}));  // by then the last write has left the hook
    faults->before_write = nullptr;
}

TEST_CASE_METHOD(Contract, "what was decided on a write that failed is not acknowledged either [N1]") {
    std::vector<Append> asked;
    for (int i = 0; i < 3 * static_cast<int>(limits::decided_ahead); ++i)
        asked.push_back(append({person(static_cast<std::uint8_t>(i))}));
    auto answers = queued_together(asked, [&] { faults->write_fails = true; });
    for (const auto& each : answers) CHECK(each.status == AppendStatus::failed);
    faults->write_fails = false;
    CHECK(failures == 1);
    CHECK(log->head() == 1);
    reopen();
    CHECK(log->head() == 1);
    CHECK(status(append({person(1)})) == AppendStatus::done);
}

}  // namespace
}  // namespace muster::test::contract
