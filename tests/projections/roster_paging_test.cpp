// Pages: whole lists against a naive roster, exactly once while rows come and go, and what a page costs.
#include "tests/projections/roster_crowd.h"

#include <catch2/catch.hpp>

namespace muster::recorded {
namespace {

using roster::Effort;
using roster::MemberFilter;
using roster::Order;
using roster::Sort;

constexpr Effort walking{.rows_walked_max = 7, .rows_gathered_max = 0};
constexpr Effort gathering{.rows_walked_max = 10'000, .rows_gathered_max = 1'000};

struct All {
    std::vector<MemberId> ids;
    std::size_t pages = 0;
    std::optional<std::int64_t> total;
    std::optional<std::int64_t> total_at_least;
};

All all_pages(const Reading& reading, MemberFilter filter, std::size_t limit, const Effort& effort) {
    All all;
    filter.paging = {limit, {}, true};
    for (;;) {
        auto page = roster::members(reading, spring, filter, effort);
        REQUIRE(++all.pages <= 1'000);
        all.total = page.total;
        all.total_at_least = page.total_at_least;
        CHECK(page.items.size() <= limit);
        for (const auto& each : page.items) all.ids.push_back(each.id);
        if (!page.next) return all;
        filter.paging.after = page.next;
    }
}

std::vector<MemberId> ids_in_order(const std::map<std::string, MemberId>& listed, const MemberFilter& filter) {
    std::vector<MemberId> ids;
    for (const auto& [key, id] : listed) ids.push_back(id);
    if (filter.words.empty() && filter.order == Order::descending) std::ranges::reverse(ids);
    return ids;
}

TEST_CASE("whatever happened and whatever is asked, the list is the naive one, walked or gathered [N11]") {
    auto seed = GENERATE(range(1U, 5U));
    INFO("seed " << seed);
    Crowd crowd(seed);
    Roster projection(icu_unicode());
    auto table = open_memory_table(1);
    std::size_t fed = 0;
    for (int round = 0; round < 6; ++round) {
        for (int n = 0; n < 60; ++n) crowd.go_on();
        feed(projection, *table, std::span(crowd.events()).subspan(fed), 1 + crowd.pick(20));
        fed = crowd.events().size();
        for (const auto& [id, each] : crowd.everybody()) {
            auto row = roster::member(*table, spring, id);
            REQUIRE(row);
            CHECK(*row == each);
        }
        for (int question = 0; question < 30; ++question) {
            auto filter = crowd.any_filter();
            auto expected = ids_in_order(crowd.listed(filter), filter);
            auto count = static_cast<std::int64_t>(expected.size());
            INFO("round " << round << ", question " << question);
            const auto limit = 1 + crowd.pick(9);
            auto walked = all_pages(*table, filter, limit, walking);
            CHECK(walked.ids == expected);
            CHECK((walked.total ? *walked.total == count : *walked.total_at_least <= count));
            auto doubled = filter;
            auto twice = [](auto& values) {
                const auto once = values;
                values.insert(values.end(), once.begin(), once.end());
            };
            twice(doubled.roles);
            twice(doubled.teams);
            twice(doubled.licenses);
            twice(doubled.resources);
            auto same = all_pages(*table, doubled, limit, walking);
            CHECK(same.ids == expected);
            CHECK((same.total == walked.total && same.total_at_least == walked.total_at_least));
            auto gathered = all_pages(*table, filter, 1 + crowd.pick(60), gathering);
            CHECK(gathered.ids == expected);
            CHECK(gathered.total == count);
        }
    }
    for (std::size_t batch : {std::size_t{1}, std::size_t{7}, crowd.events().size()}) {
        auto again = open_memory_table(1);
        feed(projection, *again, crowd.events(), batch);
        CHECK(dump(*again) == dump(*table));
    }
}

TEST_CASE("who keeps their sort key is listed exactly once while others come, change and go") {
    auto seed = GENERATE(range(1U, 7U));
    INFO("seed " << seed);
    Crowd crowd(seed);
    Roster projection(icu_unicode());
    auto table = open_memory_table(1);
    std::size_t fed = 0;
    auto go_on = [&](int events) {
        for (int n = 0; n < events; ++n) crowd.go_on();
        feed(projection, *table, std::span(crowd.events()).subspan(fed));
        fed = crowd.events().size();
    };
    go_on(200);
    for (int question = 0; question < 12; ++question) {
        INFO("question " << question);
        auto filter = crowd.any_filter();
        filter.inactive_since = {};
        filter.paging.limit = 1 + crowd.pick(6);
        auto steady = crowd.listed(filter);
        std::map<MemberId, int> seen;
        for (;;) {
            // Between two pages the way of making them may change, too.
            auto page = roster::members(*table, spring, filter, crowd.pick(2) == 0 ? walking : gathering);
            for (const auto& each : page.items) ++seen[each.id];
            if (!page.next) break;
            filter.paging.after = page.next;
            go_on(3);
            auto now = crowd.listed(filter);
            std::erase_if(steady, [&](const auto& each) { return !now.contains(each.first); });
        }
        for (const auto& [key, id] : steady) CHECK(seen[id] == 1);
    }
}

// ---- What a page costs.

class CountingCursor final : public Cursor {
public:
    CountingCursor(std::unique_ptr<Cursor> inner, std::size_t& steps) : inner_(std::move(inner)), steps_(steps) {}
    void seek(std::string_view key) override { ++steps_, inner_->seek(key); }
    void seek_for_previous(std::string_view key) override { ++steps_, inner_->seek_for_previous(key); }
    void seek_to_last() override { ++steps_, inner_->seek_to_last(); }
    void next() override { ++steps_, inner_->next(); }
    void previous() override { ++steps_, inner_->previous(); }
    [[nodiscard]] bool valid() const override { return inner_->valid(); }
    [[nodiscard]] std::string_view key() const override { return inner_->key(); }
    [[nodiscard]] std::string_view value() const override { return inner_->value(); }

private:
    std::unique_ptr<Cursor> inner_;
    std::size_t& steps_;
};

class CountingReading final : public Reading {
public:
    explicit CountingReading(const Reading& inner) : inner_(inner) {}
    [[nodiscard]] std::optional<std::string> get(Family family, std::string_view key) const override {
        ++steps;
        return inner_.get(family, key);
    }
    [[nodiscard]] std::unique_ptr<Cursor> scan(Family family, std::string_view prefix) const override {
        ++steps;
        return std::make_unique<CountingCursor>(inner_.scan(family, prefix), steps);
    }
    mutable std::size_t steps = 0;

private:
    const Reading& inner_;
};

std::unique_ptr<Table> workspace_of(std::uint32_t people) {
    Story story;
    for (std::uint32_t n = 0; n < people; ++n) {
        auto text = std::to_string(n * 7919 % people);
        story.happens(spring, stream_of(person(n)),
                      created("p" + text + "@spring.example", "Person " + text, given(n % 50 == 0 ? admin : plain)));
    }
    auto table = open_memory_table(1);
    feed(Roster(icu_unicode()), *table, story.events());
    return table;
}

TEST_CASE("a page costs no more in a large workspace than in a small one, its total included") {
    auto small = workspace_of(100);
    auto large = workspace_of(4'000);
    auto cost = [](const Table& table, const MemberFilter& given) {
        auto filter = given;
        CountingReading first(table);
        filter.paging.limit = 20;
        filter.paging.include_total = true;
        auto page = roster::members(first, spring, filter);
        REQUIRE(page.items.size() == 20);
        CHECK(page.total);
        filter.paging.after = page.next;
        filter.paging.include_total = false;
        CountingReading second(table);
        CHECK(roster::members(second, spring, filter).items.size() == 20);
        return first.steps + second.steps;
    };
    MemberFilter plain_only;
    plain_only.roles = {plain};
    CHECK(cost(*large, {}) <= cost(*small, {}));
    CHECK(cost(*large, plain_only) <= cost(*small, plain_only));
    for (auto sort : {Sort::name, Sort::email, Sort::joined_at, Sort::last_login_at}) {
        MemberFilter filter;
        filter.sort = sort;
        filter.order = Order::descending;
        CHECK(cost(*large, filter) <= cost(*small, filter));
        filter.roles = {plain};
        CHECK(cost(*large, filter) <= cost(*small, filter) + 5);
    }
}

TEST_CASE("few of many are sorted on the spot, and not looked for among all") {
    auto large = workspace_of(4'000);
    MemberFilter filter;
    filter.roles = {admin};
    filter.sort = Sort::name;
    filter.paging.limit = 50;
    filter.paging.include_total = true;
    CountingReading counting(*large);
    auto page = roster::members(counting, spring, filter);
    CHECK(page.items.size() == 50);
    CHECK(page.total == 80);
    CHECK(counting.steps < 200);
}

TEST_CASE("a page that has walked its fill is short and goes on") {
    auto table = workspace_of(100);
    MemberFilter filter;
    filter.sort = Sort::name;
    filter.roles = {admin};
    filter.paging.include_total = true;
    auto page = roster::members(*table, spring, filter, {.rows_walked_max = 10, .rows_gathered_max = 0});
    CHECK(page.items.size() < 2);
    CHECK(page.next);
    CHECK(page.total == 2);
    filter.words = words("pers");
    page = roster::members(*table, spring, filter, {.rows_walked_max = 10, .rows_gathered_max = 0});
    CHECK_FALSE(page.total);
    CHECK(page.total_at_least);
}

}  // namespace
}  // namespace muster::recorded
