#pragma once
// What the audit shows of a recorded event, made when it is read: whom or what it is about, a sentence, and
// what changed. All of it comes of the event's one field list; the templates' placeholders are checked when compiled.

#include "domain/event.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace muster {

// The thing that an event is about: `workspace`, `role`, `permission`, `team`, `resource`, `api_key`, `webhook`,
// `invitation`, `member`, `request`, `person` (who was no member; by their key) or `store`, and its id or key. A mail
// is about whose it was.
struct Target {
    std::string kind;
    std::string id;
    bool operator==(const Target&) const = default;
};
Target target_of(const Recorded& recorded);

// Its name where the event itself tells it: also of what is there no longer; and the one that it had before, where the
// event gives it another.
std::optional<std::string> name_told(const Event& event);
std::optional<std::string> former_name(const Event& event);

// A value as JSON can take it.
using Plain = std::variant<std::nullptr_t, bool, std::int64_t, std::string, std::vector<std::string>>;
// For people: null is "none", a list is separated by commas.
std::string text_of(const Plain& value);

// `field` is the field's name, in what has parts a path such as `licenses.basic.seats`.
struct Change {
    std::string field;
    Plain from;
    Plain to;
    bool operator==(const Change&) const = default;
};
// Of an event that says what was and what is; of what is new all that it has, and of what goes all that it had.
// Personal fields are among them only while they are not erased.
std::vector<Change> changes_of(const Event& event);
// An event of somebody's that says what is, and whose stream says what was before: accepting, coming through the
// identity provider, sending again. Its changes, with how they stood before and after it.
bool is_told_by_stream(const Event& event);
std::vector<Change> changes_of(const Event& event, const Membership& before, const Membership& after);

// How the caller names who acted and what it was about; where it gives no name, the id stands.
struct Names {
    std::function<std::string(const Actor&)> actor;
    std::function<std::string(const Target&)> target;
};
std::string summary_of(const Recorded& recorded, const Names& names);

}  // namespace muster
