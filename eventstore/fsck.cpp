#include "eventstore/fsck.h"

#include "eventstore/fsck_replay.h"

#include <array>
#include <set>

namespace muster {
namespace {

constexpr std::array<const char*, log_families> family_names = {
    "events", "streams", "heads", "workspaces", "claims", "counters", "due", "persons", "idempotency"};
constexpr Position progress_every = 10'000;

std::string hexadecimal(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (unsigned char each : bytes) text += {digits[each / 16], digits[each % 16]};
    return text;
}

class Check {
public:
    Check(const Reading& log, const AnchorMark* anchor, const std::function<void(Position, Position)>& progress)
        : log_(log),
          anchor_(anchor),
          progress_(progress),
          replay_([this](Position position, const std::string& why) { found({position, {}, why}); }) {}

    FsckReport run() {
        events();
        ends();
        heads();
        claims();
        counters();
        due();
        persons();
        idempotency();
        report_.workspaces = replay_.workspaces().size();
        return std::move(report_);
    }

private:
    void found(Finding finding) {
        ++report_.found;
        if (report_.findings.size() < limits::fsck_findings) report_.findings.push_back(std::move(finding));
    }
    void about(LogFamily each, std::string_view key, const std::string& sentence) {
        found({0, std::string(family_names[family(each)]) + " " + hexadecimal(key), sentence});
    }
    // A row must be there and hold this.
    void expect(LogFamily each, const std::string& key, const std::string& value, const std::string& of) {
        auto row = log_.get(family(each), key);
        if (!row) return about(each, key, "the row of " + of + " is missing");
        if (*row != value) about(each, key, "the row of " + of + " is not what the events make of it");
    }
    // Calls `expected(key, value)` for each row of a family, and reports those that it does not know.
    template <class Expected>
    void no_others(LogFamily each, Expected expected) {
        for (auto row = log_.scan(family(each), {}); row->valid(); row->next()) {
            bool known = false;
            try {
                known = expected(row->key(), row->value());
            } catch (const DecodeError&) {
                // Ignored: too short to be one of ours.
            }
            if (!known) about(each, row->key(), "no event makes this row");
        }
    }

    void events();
    void place(const Frame& frame);
    void ends();
    void heads();
    void claims();
    void counters();
    void due();
    void persons();
    void idempotency();

    const Reading& log_;
    const AnchorMark* anchor_;
    const std::function<void(Position, Position)>& progress_;
    Replay replay_;
    FsckReport report_;
};

void Check::events() {
    auto last = log_.scan(family(LogFamily::events), {});
    last->seek_to_last();
    Position end = last->valid() && last->key().size() == 8 ? read_u64(last->key()) : 0;
    Position before = 0;
    if (anchor_ && anchor_->position == 0 && anchor_->running != Digest{})
        found({0, {}, "the anchor's running hash at the log's beginning is not zero"});
    for (auto row = log_.scan(family(LogFamily::events), {}); row->valid(); row->next()) {
        if (row->key().size() != 8) {
            about(LogFamily::events, row->key(), "no event has such a key");
            continue;
        }
        auto position = read_u64(row->key());
        if (position != before + 1) {
            auto until = position - 1 == before + 1 ? "" : " to " + std::to_string(position - 1);
            found({before + 1, {}, "no event stands here" + until});
            replay_.skip();
        }
        before = position;
        ++report_.events;
        try {
            auto frame = parse_frame(row->value());
            if (frame.meta.position != position) throw DecodeError("it says that it stands at another place");
            place(frame);
            replay_.next(frame);
        } catch (const DecodeError& error) {
            found({position, {}, error.what()});
            replay_.skip();
        }
        if (anchor_ && anchor_->position == position && anchor_->running != replay_.end().running)
            found({position, {}, "the running hash is not the anchor's"});
        if (progress_ && report_.events % progress_every == 0) progress_(position, end);
    }
}

// The rows by which a stream and a workspace find their event.
void Check::place(const Frame& frame) {
    auto position = rows::position(frame.meta.position);
    auto version = frame.meta.version;
    expect(LogFamily::streams, rows::stream_version(frame.stream, version), position,
           "event " + std::to_string(frame.meta.position) + " in its stream");
    expect(LogFamily::workspaces, rows::workspace_position(frame.workspace, frame.meta.position), {},
           "event " + std::to_string(frame.meta.position) + " in its workspace");
    if (version == 0) found({frame.meta.position, {}, "its version is 0"});
    if (version > 1) {
        auto previous = log_.get(family(LogFamily::streams), rows::stream_version(frame.stream, version - 1));
        if (!previous || *previous >= position)
            found({frame.meta.position, {}, "its stream has no version " + std::to_string(version - 1) + " before it"});
    }
}

void Check::ends() {
    const auto& end = replay_.end();
    if (end.position > 0) expect(LogFamily::heads, rows::head(), rows::bytes_of(end), "the log's head");
    if (anchor_ && anchor_->position > end.position)
        found({anchor_->position, {}, "the anchor has seen this position: the log's end was lost"});
    for (const auto& [id, workspace] : replay_.workspaces())
        expect(LogFamily::heads, rows::chain(WorkspaceId{id}), rows::bytes_of(workspace.head), "a workspace's head");
}

// Each row of a stream is its event's, and a stream's head is its last.
void Check::heads() {
    std::string stream, last;
    auto ended = [&] {
        if (stream.empty()) return;
        auto stored = log_.get(family(LogFamily::heads), stream);
        if (!stored) return about(LogFamily::heads, stream, "the row of a stream's head is missing");
        if (*stored != last) about(LogFamily::heads, stream, "the row of a stream's head is not its last event");
    };
    no_others(LogFamily::streams, [&](std::string_view key, std::string_view value) {
        if (key.size() != 25 || value.size() != 8) return false;
        auto bytes = log_.get(family(LogFamily::events), value);
        if (!bytes) return false;
        if (key.substr(0, 17) != stream) {
            ended();
            stream = key.substr(0, 17);
        }
        last = std::string(key.substr(17)) + std::string(value);
        try {
            auto frame = parse_frame(*bytes);
            return key == rows::stream_version(frame.stream, frame.meta.version);
        } catch (const DecodeError&) {
            return true;  // reported where the event stands
        }
    });
    ended();
    no_others(LogFamily::heads, [&](std::string_view key, std::string_view) {
        if (key == rows::head()) return replay_.end().position > 0;
        if (key.size() != 17) return false;
        if (key[0] == 0) return replay_.workspaces().contains(rows::to_uuid(key.substr(1)));
        return log_.scan(family(LogFamily::streams), key)->valid();
    });
    no_others(LogFamily::workspaces, [&](std::string_view key, std::string_view) {
        if (key.size() != 24) return false;
        auto bytes = log_.get(family(LogFamily::events), key.substr(16));
        if (!bytes) return false;
        try {
            return rows::bytes_of(parse_frame(*bytes).workspace.uuid) == key.substr(0, 16);
        } catch (const DecodeError&) {
            return true;
        }
    });
}

void Check::claims() {
    std::map<std::string, StreamId> held;  // of workspaces and requests; members' are looked up
    auto add = [&](WorkspaceId workspace, const auto& state) {
        for (const auto& claim : holdings(state).claims) held[rows::claim(workspace, claim)] = stream_of(state.id);
    };
    for (const auto& [id, workspace] : replay_.workspaces()) add(WorkspaceId{id}, workspace.state);
    for (const auto& [id, request] : replay_.requests()) add(request.workspace, request);
    for (const auto& [key, stream] : held) expect(LogFamily::claims, key, rows::bytes_of(stream), "a claim");
    for (const auto& [id, membership] : replay_.holders())
        for (const auto& claim : holdings(membership).claims)
            expect(LogFamily::claims, rows::claim(membership.workspace, claim),
                   rows::bytes_of(stream_of(membership.id)), "a claim");
    no_others(LogFamily::claims, [&](std::string_view key, std::string_view value) {
        if (held.contains(std::string(key))) return true;
        auto holder = replay_.holders().find(rows::to_stream(value).id);
        if (holder == replay_.holders().end()) return false;
        for (const auto& claim : holdings(holder->second).claims)
            if (rows::claim(holder->second.workspace, claim) == key) return true;
        return false;
    });
}

void Check::counters() {
    for (const auto& [id, workspace] : replay_.workspaces())
        for (const auto& [counter, used] : workspace.used)
            expect(LogFamily::counters, rows::counter(WorkspaceId{id}, counter), rows::number(used),
                   "the counter `" + counter.name + "`");
    no_others(LogFamily::counters, [&](std::string_view key, std::string_view) {
        auto workspace = replay_.workspaces().find(rows::to_uuid(key));
        return workspace != replay_.workspaces().end() &&
               workspace->second.used.contains(Counter{std::string(key.substr(16))});
    });
}

void Check::due() {
    for (const auto& [id, membership] : replay_.holders())
        if (membership.phase == Phase::pending)
            expect(LogFamily::due, rows::due(membership.workspace, membership.expires_at, stream_of(membership.id)), {},
                   "an invitation's end");
    no_others(LogFamily::due, [&](std::string_view key, std::string_view) {
        if (key.size() != 41) return false;
        auto stream = rows::to_stream(key.substr(24));
        auto holder = replay_.holders().find(stream.id);
        if (holder == replay_.holders().end() || holder->second.phase != Phase::pending) return false;
        return key == rows::due(holder->second.workspace, holder->second.expires_at, stream);
    });
}

void Check::persons() {
    for (const auto& [row, key] : replay_.persons())
        expect(LogFamily::persons, row, rows::bytes_of(key), "a person's key");
    for (const auto& [key, of] : replay_.keys())
        expect(LogFamily::persons, rows::person_key(key), rows::bytes_of(of.workspace.uuid) + of.email_claim,
               "a key's person");
    no_others(LogFamily::persons, [&](std::string_view key, std::string_view) {
        if (key.starts_with('\2')) return key.size() == 17 && replay_.keys().contains(rows::to_uuid(key.substr(1)));
        return replay_.persons().contains(std::string(key));
    });
}

// scope ‖ SHA-256 (32) -> time u64 ‖ day u64 ‖ HMAC (32) ‖ nonce (24) ‖ sealed, with a tag (16)
void Check::idempotency() {
    constexpr std::size_t least = 8 + 8 + 32 + 24 + 16;
    for (auto row = log_.scan(family(LogFamily::idempotency), {}); row->valid(); row->next())
        if (row->key().size() < 32 || row->value().size() < least || rows::to_number(row->value()) < 0)
            about(LogFamily::idempotency, row->key(), "a kept answer has not the layout of one");
}

}  // namespace

std::string Finding::text() const {
    return (row.empty() ? "event " + std::to_string(position) : row) + ": " + sentence;
}

FsckReport fsck(const Reading& log, const AnchorMark* anchor, const std::function<void(Position, Position)>& progress) {
    return Check(log, anchor, progress).run();
}

}  // namespace muster
