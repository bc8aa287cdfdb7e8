// Random sequences of all commands, played on the program and on a naive model of the rules: both say the same to each,
// and what may never happen does not, though the clock jumps, answers are lost and the process dies on the way
// [N1 N2 N3 N4 N5 N6 N7 N9 N10 N11].
//
// MUSTER_SEED and MUSTER_RUNS set the seed and how many sequences are played; a failure prints the seed, the shortest
// sequence that was found (MUSTER_SHRINK=0: the first), and what was asked and answered along it.
#include "tests/model/play.h"

#include <rapidcheck.h>

#include <cstdlib>
#include <iostream>
#include <utility>

namespace muster::test {
namespace {

rc::Gen<Step> any_step() {
    std::vector<Do> each_as_often;
    for (const auto& [weight, what] : weights()) each_as_often.insert(each_as_often.end(), weight, what);
    auto what = rc::gen::elementOf(each_as_often);
    auto rolls = rc::gen::container<std::vector<int>>(rolls_per_step, rc::gen::inRange(0, sides));
    return rc::gen::build<Step>(rc::gen::set(&Step::what, what), rc::gen::set(&Step::rolls, rolls));
}

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text && *text ? std::strtoull(text, nullptr, 10) : otherwise;
}

void play(const std::vector<Step>& steps) {
    Play play;
    std::string what;
    try {
        for (const auto& each : steps) play.step(each);
        play.finish();
    } catch (const std::exception& failure) {
        what = failure.what();
    }
    if (what.empty()) return;
    // The first one as it was, at once: to shorten it takes a while.
    static bool told = false;
    if (!std::exchange(told, true)) std::cerr << "not shortened yet:\n" << play.transcript() << "\n" << what << "\n";
    RC_FAIL("what was asked and answered:\n" + play.transcript() + "\n" + what);
}

}  // namespace

TEST_CASE("any sequence of commands is answered as the rules say, and breaks none of them [N1 to N7, N9, N10, N11]") {
    // The same sequences each time, unless another seed is asked for: what is found is found again.
    rc::detail::TestParams params;
    params.seed = from_environment("MUSTER_SEED", 1);
    params.maxSuccess = static_cast<int>(from_environment("MUSTER_RUNS", 200));
    params.disableShrinking = from_environment("MUSTER_SHRINK", 1) == 0;
    setenv("RC_PARAMS", ("seed=" + std::to_string(params.seed)).c_str(), 1);  // what rapidcheck says of itself
    constexpr int steps_at_most = 120;                                        // 60 on average
    auto sequences = rc::gen::resize(steps_at_most, rc::gen::container<std::vector<Step>>(any_step()));
    Play::answers().clear();
    auto result = rc::detail::checkTestable([&] { play(*sequences); }, rc::detail::TestMetadata{}, params);
    std::ostringstream said;
    rc::detail::printResultMessage(result, said);
    INFO("MUSTER_SEED=" << params.seed << "\n" << said.str());
    CHECK(result.is<rc::detail::SuccessResult>());
    // The steps say something: about half of them are done.
    int all = 0;
    for (const auto& [_, times] : Play::answers()) all += times;
    CHECK(Play::answers()["done"] * 3 >= all);
}

}  // namespace muster::test
