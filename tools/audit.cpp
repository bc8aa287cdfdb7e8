#include "tools/audit.h"

#include "api/audit_entry.h"
#include "api/json/write.h"
#include "api/tokens.h"
#include "eventstore/verify.h"
#include "projections/sentence.h"
#include "tools/as_of.h"
#include "tools/commands.h"
#include "tools/fsck.h"

#include <CLI/CLI.hpp>

#include <charconv>
#include <fstream>
#include <iostream>
#include <variant>

namespace muster::tools {
namespace {

// ---- The history as sentences.

using Point = std::variant<Position, Instant>;

// A position, a time (RFC 3339), or a day, which begins at midnight UTC.
std::optional<Point> point_in(const std::string& text) {
    Position position = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), position);
    if (error == std::errc{} && end == text.data() + text.size()) return position;
    constexpr std::size_t day = std::string_view("2026-11-22").size();
    auto at = Instant::parse(text.size() == day ? text + "T00:00:00Z" : text);
    return at ? std::optional<Point>(*at) : std::nullopt;
}

// The last event before that time; the log's times never fall.
Position last_before(const Log& log, Instant at) {
    Position before = 0;
    for (Position behind = log.head() + 1; before + 1 < behind;) {
        const auto middle = before + (behind - before) / 2;
        (log.frame(middle)->meta.at < at ? before : behind) = middle;
    }
    return before;
}

struct Range {
    Position after = 0;
    Position to = 0;
};

// From and to are both within.
Range range_of(const Log& log, const std::optional<Point>& from, const std::optional<Point>& to) {
    Range range{0, log.head()};
    if (from && std::holds_alternative<Position>(*from))
        range.after = std::max<Position>(std::get<Position>(*from), 1) - 1;
    if (from && std::holds_alternative<Instant>(*from)) range.after = last_before(log, std::get<Instant>(*from));
    if (to && std::holds_alternative<Position>(*to)) range.to = std::get<Position>(*to);
    if (to && std::holds_alternative<Instant>(*to)) range.to = last_before(log, Instant{std::get<Instant>(*to).ms + 1});
    return range;
}

bool concerns(const Recorded& recorded, MemberId member) {
    if (recorded.stream == stream_of(member)) return true;
    if (const auto* deleted = std::get_if<MemberDeleted>(&recorded.event)) return deleted->reassign_to == member;
    const auto* destroyed = std::get_if<PersonalDataDestroyed>(&recorded.event);
    return destroyed && destroyed->member == member;
}

std::size_t write_text_lines(const Recorded& recorded, const AuditNames& names, const OnLine& line) {
    auto first = std::to_string(recorded.meta.position) + "  " + recorded.meta.at.text() + "  " +
                 printable(audit_sentence(recorded, names));
    auto bytes = first.size();
    line(first);
    for (const auto& change : changes_of(recorded.event)) {
        auto text = "    " + change.field + ": " + printable(text_of(change.from) + " -> " + text_of(change.to));
        bytes += text.size();
        line(text);
    }
    return bytes;
}

// ---- Whether it is unbroken.

// What the running hash was at a position of an unbroken log.
Digest running_at(const Reading& log, Position position) {
    Digest running{};
    for (auto row = log.scan(family(LogFamily::events), {}); row->valid() && position > 0; row->next(), --position)
        running = sha256(view(running), view(parse_frame(row->value()).link));
    return running;
}

struct Kept {
    Position position = 0;
    std::string running;
};

// The last line `head: POSITION HASH` of what an earlier verification printed.
Kept kept_head(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("can't read " + path);
    Kept kept;
    bool found = false;
    for (std::string word; file >> word;)
        if (word == "head:") found = static_cast<bool>(file >> kept.position >> kept.running);
    if (!found) throw std::runtime_error(path + " holds no line `head: POSITION HASH`, as `audit verify` prints it");
    return kept;
}

// Whether the log is the one that this was read from, or goes on behind it.
bool holds(const Reading& log, const ChainReport& chain, const std::string& what, const Kept& kept) {
    auto place = what + ", position " + std::to_string(kept.position);
    if (kept.position > chain.position) {
        std::cout << "broken: the log ends at position " << chain.position << ", before " << place << "\n";
        return false;
    }
    if (base64url(view(running_at(log, kept.position))) != kept.running) {
        std::cout << "broken: another history leads to " << place << "\n";
        return false;
    }
    std::cout << "complete: all up to " << place << ", is there\n";
    return true;
}

int verify(const std::string& data, const std::string& head) {
    std::optional<Kept> kept;
    if (!head.empty()) kept = kept_head(head);
    const StillLog still(data);
    const auto chain = verify_log(still.reading());
    if (chain.fault) {
        std::cout << "broken: event " << chain.fault->position << ": " << chain.fault->why << "\n"
                  << "unbroken before it: " << chain.events << " events" << std::endl;
        return failed;
    }
    std::cout << "unbroken: " << chain.events << " events, each workspace's chain and the running hash over all\n";
    bool whole = true;
    if (const auto& anchor = still.anchor())
        whole = holds(still.reading(), chain, "the anchor", {anchor->position, base64url(view(anchor->running))});
    if (kept) whole = holds(still.reading(), chain, "the head that you kept", *kept) && whole;
    if (!kept)
        std::cout
            << "not shown: that nobody made the log and its anchor anew; keep the next line and give it as --head\n";
    std::cout << "head: " << chain.position << " " << base64url(view(chain.link)) << std::endl;
    return whole ? well : failed;
}

// ---- The command line.

int replay_all(const std::string& data, const std::string& master_key_file, Request request) {
    std::optional<Store> store;
    while (true) {
        std::vector<std::string> lines;
        OnLine keep = [&](std::string_view line) { lines.emplace_back(line); };
        auto page = store ? replay(*store, request, keep) : ask_server(data, request, keep);
        if (!page) {
            StoreOptions options;
            options.master_key_file = master_key_file;
            store = open_store(data, std::move(options));
            continue;
        }
        for (const auto& line : lines) std::cout << line << "\n";
        std::cout << std::flush;
        if (page->status != well) {
            std::cerr << "muster: " << page->words << std::endl;
            return page->status;
        }
        if (page->words.empty()) return well;
        request.after = std::stoll(page->words);
    }
}

std::string check_point(const std::string& text) {
    return point_in(text) ? "" : "neither a position nor a time such as 2026-11-22T15:43:00Z: " + text;
}
std::string check_person(const std::string& text) {
    return audit_person(text) ? "" : "not the id of a member or an invitation: " + text;
}

}  // namespace

std::string printable(std::string text) {
    for (auto& each : text)
        if (static_cast<unsigned char>(each) < 0x20 || each == 0x7f) each = ' ';
    return text;
}

std::shared_ptr<const Workspace> workspace_in(const Store& store, const Request& request) {
    const auto named = request.workspace.value_or("");
    auto id = WorkspaceId::parse(named);
    if (!id) id = store.aggregates->workspace_of(Slug{named});
    return id ? store.aggregates->workspace(*id) : nullptr;
}

Answered replay(const Store& store, const Request& request, const OnLine& line) {
    auto workspace = workspace_in(store, request);
    if (!workspace) return {failed, "there is no workspace `" + request.workspace.value_or("") + "`"};
    auto from = request.from ? point_in(*request.from) : std::nullopt;
    auto to = request.to ? point_in(*request.to) : std::nullopt;
    auto member = request.member ? audit_person(*request.member) : std::nullopt;
    if (bool(from) != bool(request.from) || bool(to) != bool(request.to) || bool(member) != bool(request.member))
        return {usage, "`from`, `to` or `member` can't be read"};

    const AuditNames names(*store.aggregates, workspace);
    auto range = range_of(*store.log, from, to);
    if (request.after > 0) range.after = std::max(range.after, static_cast<Position>(request.after));
    std::size_t walked = 0, entries = 0, bytes = 0;
    while (true) {
        constexpr std::size_t at_once = 500;
        auto positions = store.log->positions(workspace->id, range.after, at_once);
        for (const auto& each : store.history->read(positions)) {
            if (each->meta.position > range.to) return {well, {}};
            range.after = each->meta.position;
            ++walked;
            if (!member || concerns(*each, *member)) {
                ++entries;
                if (request.format == "ndjson") {
                    auto text = audit_entry(*each, names);
                    bytes += text.size();
                    line(text);
                } else {
                    bytes += write_text_lines(*each, names, line);
                }
            }
            if (walked == limits::replay_walked || entries == limits::replay_entries || bytes >= limits::replay_bytes)
                return {well, std::to_string(range.after)};
        }
        if (positions.size() < at_once) return {well, {}};
    }
}

void add_audit(CLI::App& program, int& result) {
    struct Settings {
        std::string data;
        std::string master_key_file;
        std::string head;
        Request request;
    };
    auto settings = std::make_shared<Settings>();
    auto* audit = program.add_subcommand("audit", "What happened, and whether the history is unbroken");
    audit->require_subcommand(1);
    add_as_of(*audit, result);

    auto* replay = audit->add_subcommand("replay", "The history of a workspace as sentences");
    auto& request = settings->request;
    request.ask = Ask::replay;
    replay->add_option("--data", settings->data, "The data directory")->required()->envname("MUSTER_DATA");
    replay->add_option("--workspace", request.workspace, "Its id or slug")->required();
    replay->add_option("--from", request.from, "The first position, or time")->check(check_point);
    replay->add_option("--to", request.to, "The last position, or time")->check(check_point);
    replay->add_option("--member", request.member, "Only what concerns this member or invitation")->check(check_person);
    replay->add_option("--format", request.format, "text (as by default) or ndjson")
        ->check(CLI::IsMember({"text", "ndjson"}));
    replay
        ->add_option("--master-key-file", settings->master_key_file,
                     "Opens the personal keys; by default DIR/master.key")
        ->envname("MUSTER_MASTER_KEY_FILE");
    replay->callback(
        [settings, &result] { result = replay_all(settings->data, settings->master_key_file, settings->request); });

    auto* verify_command = audit->add_subcommand("verify", "Whether the log is unbroken and complete; needs no keys");
    verify_command->add_option("--data", settings->data, "The data directory")->required()->envname("MUSTER_DATA");
    verify_command->add_option("--head", settings->head,
                               "A file with the line `head: …` that an earlier verification printed");
    verify_command->callback([settings, &result] { result = verify(settings->data, settings->head); });
}

}  // namespace muster::tools
