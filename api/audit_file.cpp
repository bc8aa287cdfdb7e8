#include "api/audit_file.h"

#include "api/audit_lines.h"
#include "api/json/write.h"
#include "api/tokens.h"
#include "api/views.h"
#include "domain/event.h"
#include "eventstore/bytes.h"
#include "eventstore/frame.h"
#include "eventstore/signature.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

namespace muster {
namespace {

using nlohmann::json;

constexpr std::string_view signed_by_algorithm = "Ed25519";

// What is wrong with a line.
struct Bad {
    std::string why;
};

std::optional<Digest> digest_of(std::string_view text) {
    auto bytes = from_base64url(text);
    if (!bytes || bytes->size() != sizeof(Digest)) return std::nullopt;
    Digest digest;
    std::copy(bytes->begin(), bytes->end(), digest.begin());
    return digest;
}

// Members of an object; throw Bad where there is none such.
const json& member(const json& object, const char* name) {
    if (!object.is_object() || !object.contains(name)) throw Bad{std::string("has no member `") + name + "`"};
    return object.at(name);
}
std::string text_in(const json& object, const char* name) {
    const auto& value = member(object, name);
    if (!value.is_string()) throw Bad{std::string("has a `") + name + "` that is no text"};
    return value.get<std::string>();
}
std::uint64_t number_in(const json& object, const char* name) {
    const auto& value = member(object, name);
    if (!value.is_number_unsigned()) throw Bad{std::string("has a `") + name + "` that is no number"};
    return value.get<std::uint64_t>();
}
// nullopt where the value is null.
std::optional<std::string> text_if(const json& object, const char* name) {
    return member(object, name).is_null() ? std::nullopt : std::optional(text_in(object, name));
}
std::optional<std::uint64_t> number_if(const json& object, const char* name) {
    return member(object, name).is_null() ? std::nullopt : std::optional(number_in(object, name));
}
Digest digest_in(const json& object, const char* name) {
    auto digest = digest_of(text_in(object, name));
    if (!digest) throw Bad{std::string("has a `") + name + "` that is not 32 bytes in base64url"};
    return *digest;
}
WorkspaceId workspace_in(const json& object) {
    auto id = WorkspaceId::parse(text_in(object, "workspace"));
    if (!id) throw Bad{"has a `workspace` that is no id"};
    return *id;
}
AuditHead head_in(const json& head) {
    return {workspace_in(head), number_in(head, "position"), digest_in(head, "link")};
}

// The line without its last member, and that one's text; they must be the end of it to the byte.
struct Ended {
    std::string_view part;
    std::string_view last;
};
Ended ended_by(std::string_view line, std::string_view name_and_quote, std::size_t text_size) {
    auto size = name_and_quote.size() + text_size + audit_lines::line_end.size();
    auto at = line.size() < size ? 0 : line.size() - size;
    if (line.size() < size || line.substr(at, name_and_quote.size()) != name_and_quote ||
        !line.ends_with(audit_lines::line_end))
        throw Bad{"does not end as a line of an export does: it was altered"};
    return {line.substr(0, at), line.substr(at + name_and_quote.size(), text_size)};
}

constexpr std::size_t base64_size(std::size_t bytes) { return (bytes * 4 + 2) / 3; }

// Lines of a text without their ends, with no more than one in memory.
class Lines {
public:
    Lines(std::istream& from, const std::function<void(std::uint64_t)>& on_bytes) : from_(from), on_bytes_(on_bytes) {}
    // False at the end. Throws Bad for a line that is too long or has no end.
    bool next(std::string_view& line) {
        read_.erase(0, taken_);
        taken_ = 0;
        for (std::size_t looked = 0;;) {
            if (auto end = read_.find('\n', looked); end != std::string::npos) {
                taken_ = end + 1;
                line = std::string_view(read_).substr(0, end);
                return true;
            }
            looked = read_.size();
            if (looked > limits::audit_line_bytes) throw Bad{"is longer than a line of an export can be"};
            read_.resize(looked + at_once);
            from_.read(read_.data() + looked, at_once);
            read_.resize(looked + static_cast<std::size_t>(from_.gcount()));
            if (read_.empty()) return false;
            if (on_bytes_) on_bytes_(read_.size() - looked);
            if (read_.size() == looked) throw Bad{"is cut off"};
        }
    }

private:
    static constexpr std::size_t at_once = std::size_t{64} << 10;
    std::istream& from_;
    const std::function<void(std::uint64_t)>& on_bytes_;
    std::string read_;
    std::size_t taken_ = 0;
};

// A file while it is read.
class Check {
public:
    Check(const std::optional<AuditKey>& key, const std::optional<AuditHead>& kept) : key_(key), kept_(kept) {}

    AuditFileReport of(std::istream& file, const std::function<void(std::uint64_t)>& on_bytes) {
        Lines lines(file, on_bytes);
        try {
            ++number_;
            for (std::string_view line; lines.next(line); ++number_) one(line);
            if (!ended_) throw Bad{"is missing: the file ends without its head"};
        } catch (const Bad& bad) {
            report_.fault = {number_, bad.why};
        }
        return report_;
    }

private:
    void one(std::string_view line) {
        if (ended_) throw Bad{"stands behind the head, where nothing belongs"};
        auto read = json::parse(line, nullptr, false);
        if (read.is_discarded() && number_ == 1 && line.starts_with("position,"))
            throw Bad{"is of a CSV, which is for people and proves nothing: export as NDJSON"};
        if (read.is_discarded()) throw Bad{"is no JSON: it was altered, or is none of an export"};
        auto says = number_in(read, "line");
        if (says > number_)
            throw Bad{"is missing or moved: what stands there says that it is line " + std::to_string(says)};
        if (says < number_)
            throw Bad{"is not there: line " + std::to_string(says) + " stands in its place, doubled or moved"};
        if (number_ == 1) return first(read, line);
        read.contains("head") ? last(read, line) : event(read, line);
    }

    void first(const json& read, std::string_view line) {
        const auto& about = member(read, "export");
        if (number_in(about, "format") != audit_lines::format)
            throw Bad{"is of another format than this program knows: use a newer one"};
        report_.before = {workspace_in(about), number_in(about, "after"), digest_in(about, "link")};
        if ((report_.before.position == 0) != (report_.before.link == Digest{}))
            throw Bad{"begins behind nothing and behind an event at once: it was altered"};
        report_.end = report_.before;
        check_seal(line);
        look_for_kept();
    }

    void event(const json& read, std::string_view line) {
        auto header = from_base64url(text_in(read, "header"));
        auto link = digest_in(read, "link");
        if (!header || link_of(report_.end.link, *header, digest_in(read, "payload_hash")) != link)
            throw Bad{"does not follow from the line before it by its link: it was altered or put there"};
        check_readable(read, *header);
        check_seal(line);
        report_.end.position = number_in(read, "position");
        report_.end.link = link;
        ++report_.events;
        look_for_kept();
    }

    // What people read must be what the link covers, as far as both say it.
    void check_readable(const json& read, std::string_view header) {
        Frame frame;
        try {
            frame = parse_header(header);
        } catch (const DecodeError&) {
            throw Bad{"has a header that cannot be read"};
        }
        if (frame.workspace != report_.end.workspace) throw Bad{"is an event of another workspace"};
        if (frame.meta.position <= report_.end.position) throw Bad{"goes back behind the event before it"};
        if (number_in(read, "position") != frame.meta.position || text_in(read, "id") != frame.id.text() ||
            text_in(read, "at") != frame.meta.at.text())
            throw Bad{"says another position, id or time than its header"};
        if (text_in(read, "type") != event_type(frame.type)) throw Bad{"says another type than its header"};
        const auto& actor = member(read, "actor");
        if (text_in(actor, "kind") != json_name(name_of(frame.meta.actor.kind)) ||
            text_if(actor, "id") != id_of(frame.meta.actor))
            throw Bad{"says another actor than its header"};
        const auto& cause = member(read, "cause");
        if (text_in(cause, "request") != base32(frame.correlation) ||
            number_if(cause, "position") != (frame.causation == 0 ? std::nullopt : std::optional(frame.causation)))
            throw Bad{"says another cause than its header"};
    }

    void check_seal(std::string_view line) {
        auto [part, text] = ended_by(line, audit_lines::seal_member, base64_size(sizeof(Digest)));
        auto seal = audit_lines::seal(seal_, part);
        if (text != audit_lines::text(seal)) throw Bad{"was altered: its seal does not follow from what it says"};
        seal_ = seal;
    }

    void last(const json& read, std::string_view line) {
        const auto& head = member(read, "head");
        if (head_in(head) != report_.end || number_in(head, "events") != report_.events ||
            digest_in(head, "seal") != seal_)
            throw Bad{"is the head of other lines than those before it"};
        auto at = Instant::parse(text_in(head, "at"));
        if (!at) throw Bad{"has an `at` that is no time"};
        report_.made_at = *at;
        report_.key_id = static_cast<std::uint32_t>(number_in(head, "key"));
        auto [part, text] = ended_by(line, audit_lines::signature_member, base64_size(signature_bytes));
        auto signature = from_base64url(text);
        if (!signature) throw Bad{"has a signature that is no base64url"};
        if (key_ && key_->id != report_.key_id)
            throw Bad{"is signed by key " + std::to_string(report_.key_id) + ", and the one given is key " +
                      std::to_string(key_->id)};
        if (key_ && !signed_by(key_->public_key, std::string(audit_lines::signed_as).append(part), *signature))
            throw Bad{"is not signed by the key that was given: it, or lines before it, were made by somebody else"};
        ended_ = true;
    }

    void look_for_kept() {
        using Kept = AuditFileReport::Kept;
        if (!kept_ || report_.kept == Kept::found || report_.kept == Kept::another_history) return;
        const bool first = report_.events == 0;
        if (kept_->workspace != report_.end.workspace)
            report_.kept = Kept::another_history;
        else if (kept_->position == report_.end.position)
            report_.kept = kept_->link == report_.end.link ? Kept::found : Kept::another_history;
        else if (kept_->position < report_.end.position)
            report_.kept = first || report_.kept == Kept::before_the_beginning ? Kept::before_the_beginning
                                                                               : Kept::another_history;
    }

    const std::optional<AuditKey>& key_;
    const std::optional<AuditHead>& kept_;
    AuditFileReport report_;
    std::uint64_t number_ = 0;  // of the line
    Digest seal_{};
    bool ended_ = false;
};

}  // namespace

std::string audit_key_json(const AuditKey& key) {
    std::string out;
    ObjectWriter into(out);
    into.field("algorithm", signed_by_algorithm);
    into.field("id", key.id);
    into.field("public_key", audit_lines::text(key.public_key));
    into.end();
    return out;
}

std::optional<AuditKey> read_audit_key(std::string_view text) {
    auto read = json::parse(text, nullptr, false);
    try {
        if (read.is_discarded() || text_in(read, "algorithm") != signed_by_algorithm) return std::nullopt;
        return AuditKey{static_cast<std::uint32_t>(number_in(read, "id")), digest_in(read, "public_key")};
    } catch (const Bad&) {
        return std::nullopt;
    }
}

std::string text_of(const AuditHead& head) {
    return head.workspace.text() + " " + std::to_string(head.position) + " " + audit_lines::text(head.link);
}

std::optional<AuditHead> read_audit_head(std::istream& text) {
    std::optional<AuditHead> found;
    for (std::string line; std::getline(text, line);) {
        if (line.starts_with("head: ws_")) {
            std::istringstream words(line.substr(6));
            std::string workspace, link;
            Position position = 0;
            words >> workspace >> position >> link;
            auto id = WorkspaceId::parse(workspace);
            auto digest = digest_of(link);
            if (words && id && digest) found = AuditHead{*id, position, *digest};
        } else if (line.starts_with("{\"line\":") && line.find("\"head\":") < 40) {
            try {
                auto read = json::parse(line, nullptr, false);
                if (!read.is_discarded()) found = head_in(member(read, "head"));
            } catch (const Bad&) {
                continue;
            }
        }
    }
    return found;
}

AuditFileReport check_audit_file(std::istream& file, const std::optional<AuditKey>& key,
                                 const std::optional<AuditHead>& kept,
                                 const std::function<void(std::uint64_t)>& on_bytes) {
    return Check(key, kept).of(file, on_bytes);
}

}  // namespace muster
