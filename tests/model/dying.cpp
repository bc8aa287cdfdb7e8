// Processes that die: what was acknowledged is there when they are started again, and what nobody was told of is there
// as a whole or not at all.
#include "tests/model/play.h"

#include <algorithm>

namespace muster::test {

// Whatever was heard of before is there, at its position; what nobody heard of follows it without a gap [N1 N6].
void Play::restart() {
    world_.restart();
    auto there = world_.history->after(0, world_.log->head());
    for (std::size_t i = 0; i < there.size(); ++i) must(there[i]->meta.position == i + 1, "a position is missing [N6]");
    must(there.size() >= world_.heard.size(), "the log has lost its end [N1]");
    for (std::size_t i = 0; i < world_.heard.size(); ++i)
        must(there[i]->id == world_.heard[i]->id, "another event stands where one was acknowledged [N1]");
    for (auto i = world_.heard.size(); i < there.size(); ++i) world_.heard.push_back(there[i]);
}

void Play::die_at(const Ask& ask) {
    auto heard = world_.heard.size();
    auto kept = [&] {  // its answer, also where it came to no events
        IdempotencyKey key{std::string(32, 's'), ask.repeat, "request"};
        return ask.repeat.empty() ? std::nullopt : world_.log->idempotency_row(row_key(key), {});
    };
    auto kept_before = kept();
    auto& faults = ask.dies == Dies::before_write ? world_.faults->write_fails : world_.faults->dies_behind_write;
    faults = true;
    auto said = ask.what == Do::batch ? run_batch(ask) : run(ask);
    faults = false;
    if (world_.failures.exchange(0) == 0) {  // It came to no write.
        take_in_events(ask);
        must(world_.heard.size() == heard, "an event was acknowledged that could not be written [N1]");
        compare(said, model_.ask(ask));
        return;
    }
    // Of all or nothing, one row that is refused says that nothing was done; what was to be written before it (people
    // whose invitation was due, for a seat) is of no concern to who asked.
    auto done = std::ranges::count(said.rows, "done");
    bool nothing = ask.all_or_nothing && done < std::ranges::ssize(said.rows);
    bool acknowledged = ask.what == Do::batch ? done > 0 && !nothing : said.done();
    must(!acknowledged, "a command was acknowledged that could not be written [N1]");
    transcript_ += " -> nobody was told";
    restart();
    must(ask.dies == Dies::behind_write || world_.heard.size() == heard, "an event stands there that was not written");
    take_in_events(ask);
    bool applied =
        std::any_of(world_.heard.begin() + static_cast<std::ptrdiff_t>(heard), world_.heard.end(),
                    [](const auto& each) { return !std::holds_alternative<InvitationExpired>(each->event); });
    if (!applied && kept() == kept_before) return;
    transcript_ += ", and it was done";
    must(model_.ask(ask).done(), "what the model refuses was done, and nobody was told");
}

}  // namespace muster::test
