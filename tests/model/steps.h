#pragma once
// Steps as they are generated: what is done, and rolls of dice that choose the rest by how things stand in the model.
// 0 is always the plainest choice, so a sequence that was shrunk reads easily.

#include "tests/model/model.h"

#include <functional>
#include <iosfwd>

namespace muster::test {

struct Step {
    Do what{};
    std::vector<int> rolls;
};
void showValue(const Step& step, std::ostream& out);  // rapidcheck's name for it

inline constexpr int rolls_per_step = 25;
inline constexpr int sides = 60;  // of each die

// How often each is done, of 100 steps or so.
const std::vector<std::pair<int, Do>>& weights();

// What a step asks. `fresh` makes ids.
class Asking {
public:
    Asking(const Model& model, const Step& step, std::function<Uuid()> fresh)
        : model_(model), step_(step), fresh_(std::move(fresh)) {}
    Ask ask();

private:
    int below(int n);
    bool one_in(int n) { return below(n) == n - 1; }
    template <class T>
    T any_of(const std::vector<T>& all) {
        return all[static_cast<std::size_t>(below(static_cast<int>(all.size())))];
    }
    std::string address();
    MemberId somebody(const std::vector<State>& fitting);
    Fields fields(bool newcomer);
    PlanOf plan();
    SettingsOf settings();
    void about_person(Ask& ask);
    void about_place(Ask& ask);
    std::int64_t time();
    [[nodiscard]] const PlaceOf& place() const { return model_.places[place_]; }

    const Model& model_;
    const Step& step_;
    std::function<Uuid()> fresh_;
    std::size_t at_ = 0;
    std::size_t place_ = 0;
};

}  // namespace muster::test
