#include "tools/erasure_proof.h"

#include "api/audit_entry.h"
#include "api/imports/drafts.h"
#include "api/json/write.h"
#include "api/mail/outbox.h"
#include "api/purge.h"
#include "api/system.h"
#include "api/text/unicode.h"
#include "eventstore/checkpoints.h"
#include "eventstore/codec.h"
#include "eventstore/sealed_rows.h"
#include "tools/commands.h"

#include <algorithm>
#include <filesystem>
#include <set>

namespace muster::tools {
namespace {

constexpr std::size_t positions_at_once = 1000;

struct ProofEvent {
    Position position = 0;
    std::string at;
    std::string type;
    bool sealed = false;    // it holds personal data, sealed under the person's key
    bool readable = false;  // which opens
};
MUSTER_DESCRIBE(ProofEvent, position, at, type, sealed, readable);

struct Proof {
    std::string workspace;
    std::string member;  // or request
    std::vector<ProofEvent> events;
    std::optional<std::string> key;
    bool key_destroyed = false;
    bool key_listed = false;  // in the list of erasures
    std::vector<std::string> left;
};
MUSTER_DESCRIBE(Proof, workspace, member, events, key, key_destroyed, key_listed, left);

// A member or whoever was invited, by one id under two prefixes; or somebody who asked for an invitation.
struct Person {
    StreamId stream;
    Uuid id;  // of passwords and sessions
    std::string name;
    [[nodiscard]] std::string email_claim(const Store& store, WorkspaceId workspace) const {
        return stream.kind == StreamKind::request ? store.aggregates->request(workspace, RequestId{id})->email_claim
                                                  : store.aggregates->membership(workspace, MemberId{id})->email_claim;
    }
};

std::optional<Person> person_named(const std::string& text) {
    if (auto request = RequestId::parse(text)) return Person{stream_of(*request), request->uuid, request->text()};
    auto member = audit_person(text);
    return member ? std::optional(Person{stream_of(*member), member->uuid, member->text()}) : std::nullopt;
}

// Every event that was sealed under the key, and every other one of the streams that such an event stands in.
std::vector<Frame> frames_of(const Store& store, WorkspaceId workspace, const Person& person,
                             const std::optional<Uuid>& key, const OnProgress& progress) {
    std::set<StreamId> streams{person.stream};
    if (person.stream.kind == StreamKind::membership) {
        streams.insert({StreamKind::recovery, person.id});
        streams.insert({StreamKind::sign_in, person.id});
    }
    if (key) streams.insert({StreamKind::person, *key});
    const auto head = store.log->head(workspace);
    const Position times = key ? 2 : 1;
    Position done = 0;
    auto all = [&](auto take) {
        Position after = 0;
        for (auto positions = store.log->positions(workspace, after, positions_at_once); !positions.empty();
             positions = store.log->positions(workspace, after, positions_at_once)) {
            for (const auto position : positions) {
                after = position;
                if (auto frame = store.log->frame(position)) take(*frame);
            }
            if (progress) progress(std::min(done + after, times * head), times * head);
        }
        done += head;
    };
    if (key)
        all([&](const Frame& frame) {
            if (sealed_under(frame.payload) == key) streams.insert(frame.stream);
        });
    std::vector<Frame> frames;
    all([&](const Frame& frame) {
        if (streams.contains(frame.stream)) frames.push_back(frame);
    });
    return frames;
}

// When the person's data was destroyed, as an id: ids ascend with time.
std::optional<Uuid> destroyed_at(const std::vector<Frame>& frames) {
    for (const auto& frame : frames)
        if (names_type<PersonalDataDestroyed>(frame.type)) return frame.id.uuid;
    return std::nullopt;
}

Position last_destroyed(const std::vector<Frame>& frames) {
    Position last = 0;
    for (const auto& frame : frames)
        if (names_type<PersonalDataDestroyed>(frame.type)) last = std::max(last, frame.meta.position);
    return last;
}

// In imports from before that; whoever has the address now may be in a later one by right.
std::size_t rows_of_imports(const Store& store, WorkspaceId workspace, const EmailClaim& claim,
                            const std::optional<Uuid>& destroyed) {
    const Drafts drafts(*store.vault, icu_unicode());
    std::size_t count = 0;
    for (const auto& each : drafts.all()) {
        if (each.workspace != workspace) continue;
        if (store.vault->erased(workspace.uuid) || !each.import) {
            ++count;  // of a deleted workspace none is to be there; of a damaged one nobody knows
            continue;
        }
        if (destroyed && each.id.uuid > *destroyed) continue;
        for (std::int64_t number = 0; number < each.import->pieces(); ++number)
            for (const auto& row : drafts.piece(*each.import, number)) {
                const auto theirs = [&](const EmailAddress& address) {
                    return view(hmac_sha256(store.vault->claim_key(workspace), address.canonical())) == claim.bytes;
                };
                if (std::ranges::any_of(addresses_in(row.cells, icu_unicode()), theirs)) ++count;
            }
    }
    return count;
}

std::size_t mails_in_outbox(const Store& store, const Person& person, const std::vector<Frame>& frames) {
    const auto outbox = store.directory + "/outbox";
    if (!std::filesystem::exists(outbox)) return 0;
    std::set<std::string> about;
    for (const auto& frame : frames) about.insert(frame.id.text());
    std::size_t count = 0;
    for (const auto& file : std::filesystem::directory_iterator(outbox)) {
        const auto people = mail::people_in(file.path());
        bool in_it = std::ranges::find(people, MemberId{person.id}) != people.end();
        if (in_it || about.contains(file.path().stem())) ++count;
    }
    return count;
}

// What a read model has overwritten stays in its files until it is purged.
void look_at_read_models(const Store& store, const std::vector<Frame>& frames, Proof& proof) {
    if (Purger::done(*store.vault) >= last_destroyed(frames)) return;
    const Projections projections(icu_unicode());
    for (const auto* each : projections.all()) {
        const auto files = store.directory + "/views/" + std::string(each->name());
        if (each->personal() && std::filesystem::exists(files))
            proof.left.push_back("what the read model " + std::string(each->name()) +
                                 " has overwritten, perhaps with the name and the address (" + files +
                                 "): a server that runs there purges it within a minute. Where that fails, its log and "
                                 "`muster projections list` say why");
    }
}

void look_elsewhere(const Store& store, WorkspaceId workspace, const Person& person, const std::vector<Frame>& frames,
                    Proof& proof) {
    const EmailClaim claim{person.email_claim(store, workspace)};
    auto say = [&](std::size_t count, const std::string& what) {
        if (count > 0) proof.left.push_back(std::to_string(count) + " " + what);
    };
    const auto held = person.stream.kind == StreamKind::request ? claim.request() : claim.claim();
    if (store.log->holder(workspace, held) == person.stream)
        proof.left.push_back("the address is still held by this person");
    say(store.vault->passwords().keys(rows::bytes_of(person.id)).size(), "passwords");
    say(store.vault->sessions().keys(rows::bytes_of(person.id)).size(), "sessions");
    say(rows_of_imports(store, workspace, claim, destroyed_at(frames)), "rows of imports with the address");
    say(mails_in_outbox(store, person, frames), "mails in the outbox that are to them, about them or name them");
    look_at_read_models(store, frames, proof);
    // It is not opened: somebody may be reading it.
    for (const auto& name : vault_checkpoints(store.directory))
        proof.left.push_back("a copy of the vault that a backup is made from, perhaps with the key (" +
                             checkpoint_directory(store.directory, name) +
                             "): it goes when the backup ends, and soon after one that was broken off");
}

Proof proof_of(const Store& store, WorkspaceId workspace, const Person& person, const std::vector<Position>& positions,
               const OnProgress& progress) {
    Proof proof;
    proof.workspace = workspace.text();
    proof.member = person.name;
    const auto first = store.log->frame(positions.front());
    const auto key = sealed_under(first->payload);
    const auto frames = frames_of(store, workspace, person, key, progress);
    for (const auto& frame : frames) {
        const auto under = sealed_under(frame.payload);
        const bool readable = under && store.vault->person_key(*under).has_value();
        proof.events.push_back({frame.meta.position, frame.meta.at.text(), frame.type, under.has_value(), readable});
        if (readable)
            proof.left.push_back("event " + std::to_string(frame.meta.position) + " (" + frame.type + ") can be read");
    }
    if (key) {
        proof.key = base32(*key);
        proof.key_destroyed = !store.vault->person_key(*key);
        proof.key_listed = store.vault->erased(*key);
        if (!proof.key_destroyed) proof.left.push_back("the key " + *proof.key + " is not destroyed");
        if (!proof.key_listed) proof.left.push_back("the key " + *proof.key + " is not in the list of erasures");
        if (store.log->key_in_use(*key)) proof.left.push_back("no event says that the key is destroyed");
    }
    look_elsewhere(store, workspace, person, frames, proof);
    return proof;
}

void print_text(const Proof& proof, const OnLine& line) {
    std::size_t sealed = 0;
    for (const auto& each : proof.events) {
        const std::string what = !each.sealed    ? "nothing personal"
                                 : each.readable ? "can be read"
                                                 : "can't be read any more";
        line(std::to_string(each.position) + "  " + each.at + "  " + each.type + "  " + what);
        if (each.sealed) ++sealed;
    }
    line(std::to_string(proof.events.size()) + " events, " + std::to_string(sealed) + " of them with personal data");
    if (proof.key)
        line("key " + *proof.key + ": " + (proof.key_destroyed ? "destroyed" : "NOT destroyed") + ", " +
             (proof.key_listed ? "listed in `erasures`" : "NOT listed in `erasures`"));
    for (const auto& each : proof.left) line("left: " + each);
    if (proof.left.empty())
        line(
            "nothing readable is left: no event, password, session, import, mail, row of a read model or copy of "
            "the vault");
}

}  // namespace

Answered erasure_proof(const Store& store, const Request& request, const OnLine& line, const OnProgress& progress) {
    const auto named = request.workspace.value_or("");
    auto id = WorkspaceId::parse(named);
    if (!id) id = store.aggregates->workspace_of(Slug{named});
    if (!id || (!store.aggregates->workspace(*id) && !store.aggregates->deleted_workspace(*id)))
        return {failed, "there is no workspace `" + named + "`"};
    const auto person = person_named(request.member.value_or(""));
    if (!person) return {usage, "`member` can't be read"};
    const auto positions = store.log->positions(person->stream, 0);
    const auto first = positions.empty() ? std::nullopt : store.log->frame(positions.front());
    if (!first || first->workspace != *id)
        return {failed, "there never was a member, invitation or request of this id there"};
    const auto proof = proof_of(store, *id, *person, positions, progress);
    if (request.format == "json") {
        std::string out;
        write_json(out, proof);
        line(out);
    } else {
        print_text(proof, line);
    }
    return {proof.left.empty() ? well : failed, {}};
}

}  // namespace muster::tools
