#include "tools/audit.h"

#include "api/audit_entry.h"
#include "api/json/write.h"
#include "eventstore/times.h"
#include "projections/audit.h"
#include "projections/sentence.h"
#include "tools/as_of.h"
#include "tools/audit_commands.h"
#include "tools/commands.h"
#include "tools/erasure_proof.h"
#include "tools/progress.h"

#include <CLI/CLI.hpp>

#include <charconv>
#include <iostream>
#include <unistd.h>

namespace muster::tools {
namespace {

// ---- The history as sentences.

struct Point {
    enum class Kind : std::uint8_t { none, position, time };
    Kind kind = Kind::none;  // none where none is said, or what is said is none
    Position position = 0;
    Instant at{};

    [[nodiscard]] bool is_one() const { return kind != Kind::none; }
    [[nodiscard]] bool before(const Point& other) const {
        return is_one() && kind == other.kind && (position < other.position || at < other.at);
    }
};

// A position, a time (RFC 3339), or a day in UTC: its first millisecond, or its last.
Point point_in(const std::string& text, bool to_the_end_of_a_day = false) {
    Position position = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), position);
    if (error == std::errc{} && end == text.data() + text.size()) return {Point::Kind::position, position, {}};
    constexpr std::size_t day = std::string_view("2026-11-22").size();
    const auto* moment = to_the_end_of_a_day ? "T23:59:59.999Z" : "T00:00:00Z";
    auto at = Instant::parse(text.size() == day ? text + moment : text);
    return at ? Point{Point::Kind::time, 0, *at} : Point();
}

struct Range {
    Position after = 0;
    Position to = 0;
};

// From and to are both within.
Range range_of(const Log& log, const Point& from, const Point& to) {
    Range range{0, log.head()};
    if (from.kind == Point::Kind::position) range.after = std::max<Position>(from.position, 1) - 1;
    if (from.kind == Point::Kind::time) range.after = last_before(log, from.at);
    if (to.kind == Point::Kind::position) range.to = to.position;
    if (to.kind == Point::Kind::time) range.to = last_before(log, Instant{to.at.ms + 1});
    return range;
}

std::size_t write_text_lines(const Recorded& recorded, const AuditNames& names, const OnLine& line) {
    auto first = std::to_string(recorded.meta.position) + "  " + recorded.meta.at.text() + "  " +
                 printable(audit_sentence(recorded, names));
    auto bytes = first.size();
    line(first);
    for (const auto& change : names.changes(recorded)) {
        auto text = "    " + printable(names.of(change, recorded.meta.position));
        bytes += text.size();
        line(text);
    }
    return bytes;
}

// ---- The command line.

// Page after page, of the server that holds the directory or of the directory itself; each is printed before the next
// is asked for. `go_on` puts the words of an answer into the request for the next.
template <class Page, class GoOn>
int print_pages(const std::string& data, const std::string& master_key_file, Request request, Page page, GoOn go_on) {
    std::optional<Store> store;
    ProgressBar bar("audit");
    const bool to_terminal = ::isatty(STDOUT_FILENO) == 1;  // where the bar would stand between the lines
    const OnProgress progress = [&](Position done, Position all) { bar(done, all); };
    while (true) {
        std::vector<std::string> lines;
        OnLine keep = [&](std::string_view line) { lines.emplace_back(line); };
        auto answered = store ? page(*store, request, keep, progress) : ask_server(data, request, keep, progress);
        if (!answered) {
            store = open_store(data, {.master_key_file = master_key_file});
            continue;
        }
        if (to_terminal || answered->status != well) bar.clear();
        for (const auto& line : lines) std::cout << line << "\n";
        std::cout << std::flush;
        if (answered->status != well) {
            std::cerr << "muster: " << answered->words << std::endl;
            return answered->status;
        }
        if (!std::cout) throw std::runtime_error("the output can't be written");
        if (answered->words.empty()) return well;
        go_on(request, answered->words);
    }
}

int replay_all(const std::string& data, const std::string& master_key_file, const Request& request) {
    auto page = [](const Store& store, const Request& asked, const OnLine& line, const OnProgress& progress) {
        return std::optional(replay(store, asked, line, progress));
    };
    return print_pages(data, master_key_file, request, page, [](Request& next, const std::string& words) {
        next.after = std::stoll(words);
        next.workspace = words.substr(words.find(' ') + 1);
    });
}

int export_all(const std::string& data, const std::string& master_key_file, const Request& request) {
    auto page = [](const Store& store, const Request& asked, const OnLine& line, const OnProgress& progress) {
        return std::optional(export_page(store, asked, line, progress));
    };
    return print_pages(data, master_key_file, request, page,
                       [](Request& next, const std::string& words) { next.resume = words; });
}

int prove_erasure(const std::string& data, const std::string& master_key_file, const Request& request) {
    ProgressBar bar("audit");
    const OnProgress progress = [&](Position done, Position all) { bar(done, all); };
    OnLine print = [&](std::string_view line) {
        bar.clear();
        std::cout << line << "\n";
    };
    auto answered = ask_server(data, request, print, progress);
    if (!answered)
        answered = erasure_proof(open_store(data, {.master_key_file = master_key_file}), request, print, progress);
    bar.clear();
    std::cout << std::flush;
    if (!answered->words.empty()) std::cerr << "muster: " << answered->words << std::endl;
    return answered->status;
}

std::string check_point(const std::string& text) {
    return point_in(text).is_one() ? "" : "neither a position nor a time such as 2026-11-22T15:43:00Z: " + text;
}
std::string check_person(const std::string& text) {
    return audit_person(text) ? "" : "not the id of a member or an invitation: " + text;
}
std::string check_erased(const std::string& text) {
    return audit_person(text) || RequestId::parse(text) ? ""
                                                        : "not the id of a member, an invitation or a request: " + text;
}

}  // namespace

std::string printable(std::string text) {
    for (auto& each : text)
        if (static_cast<unsigned char>(each) < 0x20 || each == 0x7f) each = ' ';
    return text;
}

std::shared_ptr<const Workspace> workspace_of(const Store& store, const Request& request) {
    const auto named = request.workspace.value_or("");
    auto id = WorkspaceId::parse(named);
    if (!id) id = store.aggregates->workspace_of(Slug{named});
    auto workspace = id ? store.aggregates->workspace(*id) : nullptr;
    return id && !workspace ? store.aggregates->deleted_workspace(*id) : workspace;
}

Answered no_workspace(const Request& request) {
    return {failed, "there is no workspace `" + request.workspace.value_or("") + "`"};
}

Answered replay(const Store& store, const Request& request, const OnLine& line, const OnProgress& progress) {
    auto workspace = workspace_of(store, request);
    if (!workspace) return no_workspace(request);
    auto from = request.from ? point_in(*request.from) : Point();
    auto to = request.to ? point_in(*request.to, true) : Point();
    auto member = request.member ? audit_person(*request.member) : std::nullopt;
    if (from.is_one() != bool(request.from) || to.is_one() != bool(request.to) || bool(member) != bool(request.member))
        return {usage, "`from`, `to` or `member` can't be read"};
    if (to.before(from)) return {usage, "--to lies before --from; exchange them"};
    if (member && store.aggregates->membership(workspace->id, *member)->version == 0)
        return {failed, "there never was a member or invitation of this id there"};

    const AuditNames names(*store.aggregates, *store.history, workspace);
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
            if (!member || muster::audit::concerned(*each).contains(*member)) {
                ++entries;
                if (request.format == "ndjson") {
                    auto text = audit_entry(*each, names);
                    bytes += text.size();
                    line(text);
                } else {
                    bytes += write_text_lines(*each, names, line);
                }
            }
            if (walked == limits::replay_walked || entries == limits::replay_entries || bytes >= limits::replay_bytes) {
                progress(range.after, range.to);
                // By its id: another workspace may have its slug by the next page.
                return {well, std::to_string(range.after) + " " + workspace->id.text()};
            }
        }
        if (positions.size() < at_once) return {well, {}};
    }
}

void add_audit(CLI::App& program, int& result) {
    struct Settings {
        std::string data;
        std::string master_key_file;
        std::string file;
        std::string key;
        std::string head;
        Request request;
        Request export_request{.ask = Ask::audit_export};
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
    replay->add_option("--from", request.from, "The first position, time or day (UTC)")->check(check_point);
    replay->add_option("--to", request.to, "The last position, time or day (UTC), the whole of it")->check(check_point);
    replay->add_option("--member", request.member, "Only what concerns this member or invitation")->check(check_person);
    replay->add_option("--format", request.format, "text (as by default) or ndjson")
        ->check(CLI::IsMember({"text", "ndjson"}));
    replay
        ->add_option("--master-key-file", settings->master_key_file,
                     "Opens the personal keys; by default DIR/master.key")
        ->envname("MUSTER_MASTER_KEY_FILE");
    replay->callback(
        [settings, &result] { result = replay_all(settings->data, settings->master_key_file, settings->request); });

    auto* export_command = audit->add_subcommand(
        "export", "The audit of a workspace as lines of JSON that `audit verify` can check, with a signed head");
    export_command->add_option("--data", settings->data, "The data directory")->required()->envname("MUSTER_DATA");
    export_command->add_option("--workspace", settings->export_request.workspace, "Its id or slug")->required();
    export_command
        ->add_option("--master-key-file", settings->master_key_file,
                     "Opens the personal keys; by default DIR/master.key")
        ->envname("MUSTER_MASTER_KEY_FILE");
    export_command->callback([settings, &result] {
        result = export_all(settings->data, settings->master_key_file, settings->export_request);
    });

    auto* verify = audit->add_subcommand(
        "verify", "Whether an exported file, or the log of a data directory, is unbroken and complete");
    verify->add_option("FILE", settings->file, "An export of the audit; checked by itself, without a data directory");
    verify->add_option("--key", settings->key,
                       "A file with the answer of GET /v1/audit-key, kept apart from the export: who signed it");
    verify
        ->add_option("--data", settings->data,
                     "A data directory, whose log is checked where no FILE is given; needs no keys")
        ->envname("MUSTER_DATA");
    verify->add_option("--head", settings->head,
                       "A file with the line `head: …` that an earlier verification printed, or an earlier export");
    verify->add_option("--format", settings->request.format, "text (as by default) or json")
        ->check(CLI::IsMember({"text", "json"}));
    verify->callback([settings, &result] {
        if (settings->file.empty() && settings->data.empty()) throw CLI::RequiredError("FILE or --data");
        if (settings->file.empty() && !settings->key.empty())
            throw CLI::ValidationError("--key", "is for an exported FILE");
        const auto format = settings->request.format.value_or("text");
        result = settings->file.empty() ? verify_data(settings->data, settings->head, format)
                                        : verify_file(settings->file, settings->key, settings->head, format);
    });

    auto* proof =
        audit->add_subcommand("erasure-proof", "What of an erased person is left; 1 where anything can be read");
    auto proving = std::make_shared<Settings>();
    proving->request.ask = Ask::erasure_proof;
    proof->add_option("--data", proving->data, "The data directory")->required()->envname("MUSTER_DATA");
    proof->add_option("--workspace", proving->request.workspace, "Its id, or its slug")->required();
    proof->add_option("--member", proving->request.member, "Whose member, invitation or request id")
        ->required()
        ->check(check_erased);
    proof->add_option("--format", proving->request.format, "text (as by default) or json")
        ->check(CLI::IsMember({"text", "json"}));
    proof
        ->add_option("--master-key-file", proving->master_key_file,
                     "Opens the personal keys; by default DIR/master.key")
        ->envname("MUSTER_MASTER_KEY_FILE");
    proof->callback(
        [proving, &result] { result = prove_erasure(proving->data, proving->master_key_file, proving->request); });
}

}  // namespace muster::tools
