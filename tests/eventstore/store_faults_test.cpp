// A short life of a whole store, in which the power fails, or a write or sync fails, at every single call of the disk,
// of the log's and of the vault's. What was acknowledged is there afterwards, with the people's data in it [N1];
// nothing was acknowledged after a failure; the log is whole, and its other rows are what its events make [N3 N6 N12].

#include "eventstore/fsck.h"
#include "eventstore/store.h"
#include "eventstore/verify.h"
#include "tests/eventstore/faulty_file_system.h"
#include "tests/eventstore/fixture.h"

#include <cstdlib>
#include <filesystem>

namespace muster::test {
namespace {

// Commands on a store, answered on a thread of its own.
struct Commands {
    explicit Commands(Store& on)
        : store(on),
          execute(*store.log, *store.aggregates, *store.vault, spec::ascii, system_clock(),
                  [this](auto task) { pool.post(std::move(task)); }) {}

    template <class C>
    Result run(WorkspaceId workspace, StreamId target, C asked) {
        Command made;
        made.workspace = workspace;
        made.creates_workspace = std::is_same_v<C, CreateWorkspace>;
        made.actor = {ActorKind::operator_, {}};
        made.target = target;
        if constexpr (requires { asked.resources.size(); }) made.address = asked.email;
        made.decide = [asked](const Loaded& loaded, const Context& context) {
            if constexpr (requires { decide(*loaded.membership, *loaded.workspace, asked, context); })
                return decide(*loaded.membership, *loaded.workspace, asked, context);
            else
                return decide(*loaded.workspace, asked, context);
        };
        return execute.run_and_wait(made);
    }

    Store& store;
    Pool pool{1};
    Execute execute;
};

struct Life {
    std::vector<RecordedPtr> acknowledged;
    std::map<MemberId, std::string> people;  // invited, by the address that must still be readable
    bool obeyed_the_error = true;            // nothing was acknowledged after something was refused
};

constexpr int invited = 5;

// Goes on after an error, as a program must not, to see that nothing more is acknowledged.
void work(Store& store, Life& life, const std::string& workspace) {
    Commands commands(store);
    bool refused = false;
    const WorkspaceId spring{commands.execute.fresh()};
    const auto run = [&](StreamId target, const auto& asked) {
        try {
            const auto result = commands.run(spring, target, asked);
            if (result) life.acknowledged.insert(life.acknowledged.end(), result->events.begin(), result->events.end());
            if (result && refused) life.obeyed_the_error = false;
            if (!result) refused = true;
            return result.has_value();
        } catch (const StorageError&) {
            refused = true;
            return false;
        }
    };
    run(stream_of(spring), CreateWorkspace{spec::named(workspace), {}});
    std::vector<MemberId> people;
    for (int i = 0; i < invited; ++i) {
        InviteMember asked;
        asked.email = spec::address("p" + std::to_string(i) + "@spring.example");
        people.push_back(MemberId{commands.execute.fresh()});
        if (run(stream_of(people.back()), asked)) life.people[people.back()] = asked.email.text();
    }
    run(stream_of(people[0]), RevokeInvitation{});
    run(stream_of(people[1]), ResendInvitation{});
}

StoreOptions on(std::shared_ptr<FaultyFileSystem> disk) {
    StoreOptions options;
    options.create = true;
    options.env = env_on(std::move(disk));
    return options;
}

void check_whole(Store& store, const Life& life) {
    for (const auto& event : life.acknowledged) {
        INFO("position " << event->meta.position);
        const auto there = store.log->frame(event->meta.position);
        REQUIRE(there);
        CHECK(there->id == event->id);
    }
    for (const auto& [id, email] : life.people) {
        const auto person = store.aggregates->membership(life.acknowledged.front()->workspace, id);
        const auto* known = person->email.if_known();
        CHECK((known ? known->text() : "nobody") == email);
    }
    const auto anchor = open_anchor(store.directory + "/anchor")->read();
    const auto report = fsck(*store.log->table().snapshot(), anchor ? &*anchor : nullptr);
    for (const auto& finding : report.findings) UNSCOPED_INFO(finding.text());
    CHECK(report.clean());
    CHECK(report.events == store.log->head());
    CHECK(verify_log(*store.log->table().snapshot()).intact());
}

const char* name(Loss loss) { return loss == Loss::all ? "all" : loss == Loss::some ? "some" : "torn"; }

struct Tally {
    int strikes = 0;
    int refused = 0;  // to be opened again
};

// True where the fault struck.
bool survive(Fault fault, Loss loss, Tally& tally) {
    // The log and the vault never sync really, so memory will do.
    const Scratch scratch(std::filesystem::exists("/dev/shm") ? "/dev/shm" : std::filesystem::temp_directory_path());
    const auto directory = scratch / "data";
    const auto disk = std::make_shared<FaultyFileSystem>(fault);
    Life life;
    try {
        auto store = open_store(directory, on(disk));
        work(store, life, "Spring");
    } catch (const StorageError&) {
        // Ignored: it is not even opened.
    }
    if (!disk->struck()) return false;
    disk->lose(loss, fault.power_cut_at + fault.write_error_at);
    ++tally.strikes;
    INFO("power cut at call " << fault.power_cut_at << ", error at write " << fault.write_error_at << ", loses "
                              << name(loss) << ", " << life.acknowledged.size() << " events acknowledged");
    CHECK(life.obeyed_the_error);
    try {
        auto store = open_store(directory, on(std::make_shared<FaultyFileSystem>(Fault{})));
        check_whole(store, life);
        Life after;
        work(store, after, "Autumn");
        CHECK(after.people.size() == invited);
    } catch (const DamageError& damage) {
        ++tally.refused;
        INFO(damage.what());
        CHECK(loss == Loss::torn);
    }
    return true;
}

}  // namespace

// Which loss it is changes from call to call; power_cut_test.cpp has all of them at each. MUSTER_RUNS=3 has them here
// too.
TEST_CASE("a store whose power fails at any call has all that it acknowledged, and goes on [N1 N3 N6 N12]") {
    const char* given = std::getenv("MUSTER_RUNS");
    const std::uint64_t runs = given ? std::strtoull(given, nullptr, 10) : 1;
    Tally tally;
    for (std::uint64_t run = 0; run < runs; ++run)
        for (std::uint64_t call = 1; survive({.power_cut_at = call}, static_cast<Loss>((call + run) % 3), tally);
             ++call) {
        }
    CHECK(tally.strikes > 100);
}

TEST_CASE("a store that could not write or sync acknowledges nothing any more, and has what it did before [N1 N12]") {
    Tally tally;
    for (std::uint64_t write = 1; survive({.write_error_at = write}, Loss::all, tally); ++write) {
    }
    CHECK(tally.strikes > 50);
    CHECK(tally.refused == 0);
}

}  // namespace muster::test
