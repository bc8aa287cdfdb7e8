#pragma once
// An entry of the audit, made from the event when it is read: by the API and by `muster audit` alike.

#include "api/imports/import.h"
#include "domain/event.h"
#include "eventstore/directory.h"
#include "eventstore/history.h"
#include "projections/sentence.h"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace muster {

// Names; none where there never was one, or it is erased. A name is the one that somebody or something had when the
// event at that position came, so that who takes another one later is not in what happened before by that, and what is
// there no longer has one still; the workspace's own and an applicant's are those of now. One thread at a time, and for
// a page's time only: whoever keeps it longer answers for erasures meanwhile.
class AuditNames {
public:
    AuditNames(Directory& directory, const History& history, std::shared_ptr<const Workspace> workspace)
        : directory_(directory), history_(history), workspace_(std::move(workspace)) {}

    [[nodiscard]] std::optional<std::string> of(const Actor& actor, Position at) const;
    [[nodiscard]] std::optional<std::string> of(const Target& target, Position at) const;
    // A change as people read it: `teams: none -> Sales, Support`. An id that has a name is told by it; what could be
    // taken for more than one value, or for none, stands in quotes.
    [[nodiscard]] std::string of(const Change& change, Position at) const;
    // Also where the event tells what is, and only those before it what was.
    [[nodiscard]] std::vector<Change> changes(const Recorded& recorded) const;
    // How many people and resources it holds.
    [[nodiscard]] std::size_t remembered() const { return people_.size() + resources_.size(); }

private:
    struct Named {
        Position since = 0;
        std::optional<std::string> name;
    };
    using Names = std::vector<Named>;
    struct Person {
        Names names;
        std::map<Position, std::vector<Change>> changes;
    };
    static std::optional<std::string> then(const Names& names, Position position);
    [[nodiscard]] const Person& person(MemberId id) const;
    [[nodiscard]] Person read(MemberId id) const;
    [[nodiscard]] Names read(ResourceId id) const;
    [[nodiscard]] std::optional<std::string> of_workspace(const Target& target, Position at) const;
    [[nodiscard]] std::string worded(const std::string& word, Position at) const;
    [[nodiscard]] std::string worded(const Plain& value, Position at) const;

    Directory& directory_;
    const History& history_;
    std::shared_ptr<const Workspace> workspace_;
    mutable std::unordered_map<Uuid, Person> people_;
    mutable std::unordered_map<Uuid, Names> resources_;
    // Roles, permissions, teams, API keys and webhooks, by kind and id.
    mutable std::optional<std::map<std::pair<std::string, std::string>, Names>> parts_;
};

// Where there is no name, the sentence says the id.
std::string audit_sentence(const Recorded& recorded, const AuditNames& names);
// As JSON: `{id, position, at, actor, type, summary, target, changes, cause}`.
std::string audit_entry(const Recorded& recorded, const AuditNames& names);

// The target's name as the event tells it, also of what is there no longer; else as `names` has it.
std::optional<std::string> target_name(const Recorded& recorded, const AuditNames& names);

// What caused it. All that one request or import did has the same `request`; whom a batch or an import invited has that
// beside it; `position` is of the event that a follower answered.
struct Cause {
    std::string request;
    std::optional<BatchId> batch;
    std::optional<ImportId> import;
    std::optional<Position> position;
};
Cause cause_of(const Recorded& recorded);

// The parts of it: `{request, batch, import, position}` and `[{field, from, to}]`.
void write_cause(std::string& out, const Recorded& recorded);
void write_changes(std::string& out, const std::vector<Change>& changes);

// What a search looks for words in: what people read of the entry, and the ids of its cause.
std::string audit_text(const Recorded& recorded, const AuditNames& names);

// The person that an id of a member or an invitation names.
std::optional<MemberId> audit_person(const std::string& text);

}  // namespace muster
