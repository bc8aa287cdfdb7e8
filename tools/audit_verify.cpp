// muster audit verify: what can be shown of a history, and the first place where it is broken.
#include "api/audit_file.h"
#include "api/json/write.h"
#include "api/tokens.h"
#include "eventstore/verify.h"
#include "tools/audit_commands.h"
#include "tools/commands.h"
#include "tools/fsck.h"
#include "tools/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace muster::tools {
namespace {

struct Shown {
    std::string what;
    std::optional<std::uint64_t> line;  // of a file; or the position in a log
    std::optional<Position> position;
    std::string sentence;
};
MUSTER_DESCRIBE(Shown, what, line, position, sentence);

// What could be shown and what could not, a line for each.
class Verdict {
public:
    void say(std::string what, std::string sentence, std::optional<Position> position = {}) {
        lines_.push_back({std::move(what), {}, position, std::move(sentence)});
    }
    void broken(std::string sentence, std::optional<Position> position = {}, std::optional<std::uint64_t> line = {}) {
        lines_.push_back({"broken", line, position, std::move(sentence)});
        whole_ = false;
    }
    void not_whole() { whole_ = false; }

    // The exit code.
    [[nodiscard]] int print(const std::string& format) const {
        if (format == "json") {
            std::string out;
            ObjectWriter into(out);
            into.field("whole", whole_);
            into.field("lines", lines_);
            into.end();
            std::cout << out << std::endl;
        } else {
            for (const auto& each : lines_) std::cout << each.what << ": " << each.sentence << "\n";
            std::cout << std::flush;
        }
        return whole_ ? well : failed;
    }

private:
    std::vector<Shown> lines_;
    bool whole_ = true;
};

// ---- The log of a data directory.

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

std::ifstream opened(const std::string& path) {
    if (std::filesystem::is_directory(path)) throw std::runtime_error(path + " is a directory");
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("can't read " + path);
    return file;
}

// The last line `head: POSITION HASH` of what an earlier verification printed.
Kept kept_head(const std::string& path) {
    auto file = opened(path);
    Kept kept;
    bool found = false;
    for (std::string word; file >> word;)
        if (word == "head:") found = static_cast<bool>(file >> kept.position >> kept.running);
    if (!found)
        throw std::runtime_error(path +
                                 " holds no line `head: …`, as `audit verify` prints it, and is no whole export");
    return kept;
}

// A head of one workspace, as an export or its verification gives it.
std::optional<AuditHead> exported_head(const std::string& path) {
    auto file = opened(path);
    return read_audit_head(file);
}

// Whether the log is the one that a head was read from, or goes on behind it: `same` says whether the head is met on
// the way.
template <class Same>
void compare(Verdict& verdict, const ChainReport& chain, const std::string& what, Position position, Same same) {
    auto place = fmt::format("{}, position {}", what, position);
    if (position > chain.position)
        verdict.broken(fmt::format("the log ends at position {}, before {}", chain.position, place));
    else if (!same())
        verdict.broken("another history leads to " + place);
    else
        verdict.say("complete", "all up to " + place + ", is there");
}

void compare(Verdict& verdict, const Reading& log, const ChainReport& chain, const std::string& what,
             const Kept& kept) {
    compare(verdict, chain, what, kept.position,
            [&] { return base64url(view(running_at(log, kept.position))) == kept.running; });
}

// A head of one workspace.
void compare(Verdict& verdict, const Reading& log, const ChainReport& chain, const AuditHead& kept) {
    compare(verdict, chain, "the head that you kept of " + kept.workspace.text(), kept.position, [&] {
        auto stored = log.get(family(LogFamily::events), rows::position(kept.position));
        if (!stored) return false;
        auto frame = parse_frame(*stored);
        return frame.workspace == kept.workspace && frame.link == kept.link;
    });
}

}  // namespace

int verify_data(const std::string& data, const std::string& head, const std::string& format) {
    std::optional<AuditHead> exported;
    if (!head.empty()) exported = exported_head(head);
    std::optional<Kept> kept;
    if (!head.empty() && !exported) kept = kept_head(head);
    const StillLog still(data);
    const auto chain = [&] {
        ProgressBar bar("audit verify");
        const Position end = still.anchor() ? still.anchor()->position : 0;
        return verify_log(still.reading(), [&](Position done) { bar(done, std::max(done, end)); });
    }();
    Verdict verdict;
    if (chain.fault) {
        verdict.broken(fmt::format("event {}: {}", chain.fault->position, chain.fault->why), chain.fault->position);
        verdict.say("unbroken before it", fmt::format("{} events", chain.events));
        return verdict.print(format);
    }
    verdict.say("unbroken",
                fmt::format("{} events, each workspace's chain and the running hash over all", chain.events));
    if (const auto& anchor = still.anchor())
        compare(verdict, still.reading(), chain, "the anchor", {anchor->position, base64url(view(anchor->running))});
    if (kept) compare(verdict, still.reading(), chain, "the head that you kept", *kept);
    if (exported) compare(verdict, still.reading(), chain, *exported);
    if (!kept && !exported)
        verdict.say("not shown",
                    "that nobody made the log and its anchor anew; keep the next line and give it as --head");
    verdict.say("head", fmt::format("{} {}", chain.position, base64url(view(chain.link))), chain.position);
    return verdict.print(format);
}

// ---- An exported file.

namespace {

AuditKey key_in(const std::string& path) {
    auto file = opened(path);
    auto key = read_audit_key(std::string(std::istreambuf_iterator<char>(file), {}));
    if (!key) throw std::runtime_error(path + " holds no key, as GET /v1/audit-key answers it");
    return *key;
}

// What became of the kept head.
void say_kept(Verdict& verdict, const AuditFileReport& report, const AuditHead& head, bool with_key) {
    const auto place = fmt::format("the head that you kept, position {}", head.position);
    switch (report.kept) {
        case AuditFileReport::Kept::found:
            if (head == report.before) {
                verdict.say("complete", "it goes on right behind " + place);
            } else if (report.before.position == 0) {
                verdict.say("complete", "all up to " + place + ", is there");
            } else if (!with_key) {  // Behind which position it begins is what the signature says, and no link.
                verdict.say("complete", "all from its first event up to " + place + ", is there");
                verdict.say("not shown", "what happened before that, and behind which position it begins; give --key");
            } else {
                verdict.say("complete",
                            fmt::format("all behind position {} up to {}, is there", report.before.position, place));
                verdict.say("not shown", fmt::format("what happened up to position {}, where the export begins",
                                                     report.before.position));
            }
            return;
        case AuditFileReport::Kept::before_the_beginning:
            verdict.say("not shown", fmt::format("what lies between {}, and the first line, behind position {}", place,
                                                 report.before.position));
            return verdict.not_whole();
        case AuditFileReport::Kept::behind_the_end:
            return verdict.broken(fmt::format("the export ends at position {}, before {}", report.end.position, place));
        case AuditFileReport::Kept::another_history:
            return verdict.broken("another history leads to " + place);
    }
}

}  // namespace

int verify_file(const std::string& path, const std::string& key_file, const std::string& head_file,
                const std::string& format) {
    std::optional<AuditKey> key;
    if (!key_file.empty()) key = key_in(key_file);
    std::optional<AuditHead> kept;
    if (!head_file.empty()) {
        kept = exported_head(head_file);
        if (!kept)
            throw std::runtime_error(head_file +
                                     " holds no line `head: ws_… POSITION LINK`, as `audit verify` prints it of an "
                                     "export, and is no whole export");
    }
    auto file = opened(path);
    const auto report = [&] {
        BytesBar bar("audit verify", std::filesystem::is_regular_file(path) ? std::filesystem::file_size(path) : 0);
        return check_audit_file(file, key, kept, [&](std::uint64_t bytes) { bar.add(bytes); });
    }();
    if (kept && !report.fault && kept->workspace != report.end.workspace)
        throw std::runtime_error(head_file + " holds a head of " + kept->workspace.text() + ", and " + path +
                                 " is an export of " + report.end.workspace.text());
    Verdict verdict;
    if (report.fault) {
        verdict.broken(fmt::format("line {} {}", report.fault->line, report.fault->why), {}, report.fault->line);
        verdict.say("unbroken before it", fmt::format("{} lines, {} events", report.fault->line - 1, report.events));
        return verdict.print(format);
    }
    verdict.say("unbroken", fmt::format("{} events of {} behind position {}, every line and its link to the event "
                                        "before",
                                        report.events, report.end.workspace.text(), report.before.position));
    if (key)
        verdict.say("signed", fmt::format("by key {}, {}", key->id, report.made_at.text()));
    else
        verdict.say("not shown",
                    "who made it, and so whether what its lines say beyond positions, times, ids and actors is what "
                    "was exported; keep the answer of GET /v1/audit-key apart, and give it as --key");
    if (kept)
        say_kept(verdict, report, *kept, key.has_value());
    else
        verdict.say("not shown", fmt::format("that nothing is missing behind its end, position {}; keep the next line "
                                             "and give it as --head with a later export",
                                             report.end.position));
    verdict.say("head", text_of(report.end), report.end.position);
    return verdict.print(format);
}

}  // namespace muster::tools
