// muster audit verify: what can be shown of a history, and the first place where it is broken.
#include "api/audit_file.h"
#include "api/tokens.h"
#include "eventstore/verify.h"
#include "tools/audit_commands.h"
#include "tools/commands.h"
#include "tools/fsck.h"
#include "tools/progress.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <stdexcept>

namespace muster::tools {
namespace {

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
    std::ifstream file(path, std::ios::binary);
    if (!file || file.peek() == std::ifstream::traits_type::eof()) throw std::runtime_error("can't read " + path);
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

// The same for a head of one workspace.
bool holds(const Reading& log, const ChainReport& chain, const AuditHead& kept) {
    auto stored = log.get(family(LogFamily::events), rows::position(kept.position));
    auto place = "the head that you kept of " + kept.workspace.text() + ", position " + std::to_string(kept.position);
    if (kept.position > chain.position) {
        std::cout << "broken: the log ends at position " << chain.position << ", before " << place << "\n";
        return false;
    }
    auto frame = stored ? std::optional(parse_frame(*stored)) : std::nullopt;
    if (!frame || frame->workspace != kept.workspace || frame->link != kept.link) {
        std::cout << "broken: another history leads to " << place << "\n";
        return false;
    }
    std::cout << "complete: all up to " << place << ", is there\n";
    return true;
}

}  // namespace

int verify_data(const std::string& data, const std::string& head) {
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
    if (exported) whole = holds(still.reading(), chain, *exported) && whole;
    if (!kept && !exported)
        std::cout
            << "not shown: that nobody made the log and its anchor anew; keep the next line and give it as --head\n";
    std::cout << "head: " << chain.position << " " << base64url(view(chain.link)) << std::endl;
    return whole ? well : failed;
}

// ---- An exported file.

namespace {

AuditKey key_in(const std::string& path) {
    auto file = opened(path);
    auto key = read_audit_key(std::string(std::istreambuf_iterator<char>(file), {}));
    if (!key) throw std::runtime_error(path + " holds no key, as GET /v1/audit-key answers it");
    return *key;
}

// What became of the kept head; false where it was not found.
bool say_kept(const AuditFileReport& report, const AuditHead& head, bool with_key) {
    const auto place = "the head that you kept, position " + std::to_string(head.position);
    switch (report.kept) {
        case AuditFileReport::Kept::found:
            if (head == report.before) {
                std::cout << "complete: it goes on right behind " << place << "\n";
            } else if (report.before.position == 0) {
                std::cout << "complete: all up to " << place << ", is there\n";
            } else if (!with_key) {  // Behind which position it begins is what the signature says, and no link.
                std::cout << "complete: all from its first event up to " << place << ", is there\n"
                          << "not shown: what happened before that, and behind which position it begins; give --key\n";
            } else {
                std::cout << "complete: all behind position " << report.before.position << " up to " << place
                          << ", is there\n"
                          << "not shown: what happened up to position " << report.before.position
                          << ", where the export begins\n";
            }
            return true;
        case AuditFileReport::Kept::before_the_beginning:
            std::cout << "not shown: what lies between " << place << ", and the first line, behind position "
                      << report.before.position << "\n";
            return false;
        case AuditFileReport::Kept::behind_the_end:
            std::cout << "broken: the export ends at position " << report.end.position << ", before " << place << "\n";
            return false;
        case AuditFileReport::Kept::another_history:
            break;
    }
    std::cout << "broken: another history leads to " << place << "\n";
    return false;
}

}  // namespace

int verify_file(const std::string& path, const std::string& key_file, const std::string& head_file) {
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
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("can't read " + path);
    const auto report = [&] {
        BytesBar bar("audit verify", std::filesystem::is_regular_file(path) ? std::filesystem::file_size(path) : 0);
        return check_audit_file(file, key, kept, [&](std::uint64_t bytes) { bar.add(bytes); });
    }();
    if (report.fault) {
        std::cout << "broken: line " << report.fault->line << " " << report.fault->why << "\n"
                  << "unbroken before it: " << report.fault->line - 1 << " lines, " << report.events << " events"
                  << std::endl;
        return failed;
    }
    std::cout << "unbroken: " << report.events << " events of " << report.end.workspace.text() << " behind position "
              << report.before.position << ", every line and its link to the event before\n";
    if (key)
        std::cout << "signed: by key " << key->id << ", " << report.made_at.text() << "\n";
    else
        std::cout
            << "not shown: who made it, and so whether what its lines say beyond positions, times, ids and actors "
               "is what was exported; keep the answer of GET /v1/audit-key apart, and give it as --key\n";
    const bool whole = !kept || say_kept(report, *kept, key.has_value());
    if (!kept)
        std::cout << "not shown: that nothing is missing behind its end, position " << report.end.position
                  << "; keep the next line and give it as --head with a later export\n";
    std::cout << text_of(report.end) << std::endl;
    return whole ? well : failed;
}

}  // namespace muster::tools
