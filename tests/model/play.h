#pragma once
// One sequence of steps, played on the program and on the model side by side: the log, its readers and commands as they
// are, in memory, with a clock that is set by hand and randomness from a seed.

#include "projections/audit.h"
#include "projections/requests.h"
#include "projections/roster.h"
#include "projections/seats.h"
#include "tests/eventstore/fixture.h"
#include "tests/model/model.h"
#include "tests/model/steps.h"

#include <stdexcept>

namespace muster::test {

// What the program did and the model did not, or what never may be.
struct Disagreement : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Play {
public:
    Play();
    // Throws Disagreement.
    void step(const Step& step);
    // What is compared at the end only: fsck, read models, lists.
    void finish();
    // What was asked and answered, line by line.
    [[nodiscard]] const std::string& transcript() const { return transcript_; }
    // How often each answer was given, over all plays.
    static std::map<std::string, int>& answers();

private:
    using Counts = std::map<std::string, std::int64_t>;
    void ask(const Ask& ask);
    Answer run(const Ask& ask);
    Answer run_batch(const Ask& ask);
    void take_in_events(const Ask& ask);
    void complete_erasing();
    // The process dies in the middle of the command, and is started again.
    void die_at(const Ask& ask);
    void restart();
    void compare(const Answer& said, const Answer& expected);
    void compare_counts(const std::vector<Counts>& before);
    void compare_people();
    void compare_views();
    void look_for_secrets() const;
    void compare_lists(std::size_t place, const Reading& view);
    void compare_seats(std::size_t place, const Reading& view);
    void compare_wishes(std::size_t place, const Reading& view);
    [[nodiscard]] Counts counts(std::size_t place) const;
    [[noreturn]] void fail(const std::string& what) const { throw Disagreement(what); }
    void must(bool holds, const std::string& what) const {
        if (!holds) fail(what);
    }
    // A read model in memory, and how far it has come.
    struct View {
        const Projection* projection;
        std::unique_ptr<Table> table = open_memory_table(1);
        Position position = 0;
    };
    void follow(View& view);
    [[nodiscard]] const Table& table(const Projection& projection) const;

    World world_{On::memory, 1};
    Model model_;
    std::vector<WorkspaceId> workspaces_;
    std::size_t seen_ = 0;    // events
    std::size_t erased_ = 0;  // events behind which erasing is completed
    std::string transcript_;

    Roster roster_{spec::ascii};
    Seats seats_;
    Audit audit_;
    Requests requests_;
    std::vector<View> views_;
};

}  // namespace muster::test
