// Whose turn it is in a workspace.
#include "eventstore/turns.h"

#include <catch2/catch.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace muster {
namespace {

const WorkspaceId spring{Uuid{{1}}}, autumn{Uuid{{2}}};

struct Asking {
    // Who began, in their order; who asked to be alone keeps the turn.
    std::vector<std::string> began;
    std::map<std::string, Turns::Turn> kept;
    std::unique_ptr<Turns> turns = std::make_unique<Turns>();

    void asks(const std::string& name, WorkspaceId workspace, bool alone) {
        turns->enter(
            workspace, alone, [](const auto& work) { work(); },
            [this, name, alone](Turns::Turn turn) {
                began.push_back(name);
                CHECK(bool(turn) == alone);
                if (turn) kept.emplace(name, std::move(turn));
            });
    }
    void is_done(const std::string& name) { kept.erase(name); }
};

using Names = std::vector<std::string>;

TEST_CASE("while nobody is alone in a workspace, everybody begins at once") {
    Asking all;
    all.asks("first", spring, false);
    all.asks("second", spring, false);
    CHECK(all.began == Names{"first", "second"});
}

TEST_CASE("who is alone is waited for, in the order of asking, and in no other workspace") {
    Asking all;
    all.asks("alone", spring, true);
    all.asks("second", spring, false);
    all.asks("third", spring, false);
    all.asks("alone too", spring, true);
    all.asks("last", spring, false);
    all.asks("elsewhere", autumn, false);
    all.asks("alone elsewhere", autumn, true);
    CHECK(all.began == Names{"alone", "elsewhere", "alone elsewhere"});
    all.is_done("alone");
    CHECK(all.began == Names{"alone", "elsewhere", "alone elsewhere", "second", "third", "alone too"});
    all.is_done("alone too");
    CHECK(all.began.back() == "last");
    all.asks("afterwards", spring, false);
    CHECK(all.began.back() == "afterwards");
}

TEST_CASE("a turn may be given back when nobody keeps turns any more") {
    Asking all;
    all.asks("alone", spring, true);
    all.asks("never begins", spring, true);
    all.turns = nullptr;
    all.kept.begin()->second = Turns::Turn();
    CHECK(all.kept.size() == 2);
}

}  // namespace
}  // namespace muster
