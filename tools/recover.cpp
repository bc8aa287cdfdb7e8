#include "tools/recover.h"

#include "eventstore/fsck.h"
#include "eventstore/log_rows.h"
#include "eventstore/synced.h"
#include "tools/progress.h"

#include <algorithm>
#include <filesystem>
#include <iostream>

namespace muster::tools {
namespace {

namespace fs = std::filesystem;

std::optional<AnchorMark> mark_of(const std::string& data) {
    try {
        return open_anchor(data + "/anchor")->read();
    } catch (const DamageError&) {
        return std::nullopt;
    }
}

rows::Head head_of(const Reading& log) {
    auto row = log.get(family(LogFamily::heads), rows::head());
    return row ? rows::to_head(*row) : rows::Head{};
}

void refuse_if_whole(const std::string& data) {
    try {
        const auto mark = open_anchor(data + "/anchor")->read();
        const RocksShared shared;
        const auto head = head_of(*open_log_table(data + "/log", shared));
        if (head.position == 0 && mark && mark->position > 0)
            throw StorageError(data + ": its log holds no event any more, and its anchor has seen " +
                               std::to_string(mark->position) + ". Nothing is left to recover; restore a backup");
        if (head.position == 0 || (mark && mark->position <= head.position))
            throw StorageError(data +
                               ": the end of its log is there, so there is nothing to recover: only a damaged or lost "
                               "end can be given up. What `muster fsck` finds elsewhere only a backup brings back");
    } catch (const DamageError&) {
        // Ignored: that is what a recovery is for.
    }
}

// The files themselves are kept; what is worked on is a copy, which is made anew however often this is begun again.
void keep_as_found(const std::string& data, const std::string& kept) {
    if (!fs::exists(kept + "/log")) {
        fs::create_directories(kept);
        fs::permissions(kept, fs::perms::owner_all);
        if (fs::exists(data + "/anchor"))
            fs::copy(data + "/anchor", kept + "/anchor", fs::copy_options::overwrite_existing);
        sync_all_below(kept);
        fs::rename(data + "/log", kept + "/log");
        sync_path(kept);
        sync_path(data);
    }
    fs::remove_all(data + "/log");
    fs::copy(kept + "/log", data + "/log", fs::copy_options::recursive);
    sync_all_below(data + "/log");
    sync_path(data);
}

rows::Head give_up_the_end(const std::string& log) {
    const RocksShared shared;
    const auto table = open_log_table(log, shared, Recovery::to_point_in_time);
    table->flush();
    ProgressBar bar("fsck");
    const auto report = fsck(*table->snapshot(), nullptr, [&](Position done, Position all) { bar(done, all); });
    if (!report.clean())
        throw DamageError("what comes before the damage is not whole either (" + report.findings.front().text() +
                          "): restore a backup");
    return head_of(*table->snapshot());
}

void put_back(const std::string& data, const std::string& kept) {
    fs::remove_all(data + "/log");
    fs::rename(kept + "/log", data + "/log");
    sync_path(data);
    fs::remove_all(kept);
    fs::remove(recovering_mark(data));
}

}  // namespace

Recovered recover_to_point_in_time(const std::string& data, const std::string& master_key_file) {
    Recovered recovered{{}, data + "/before-recovery", {}};
    const auto& kept = recovered.kept;
    if (!(fs::exists(data + "/log") || fs::exists(kept + "/log")) || !fs::exists(data + "/vault"))
        throw StorageError(data + " lacks its log or its vault: restore a backup, or name a data directory of Muster");
    const auto mark_file = recovering_mark(data);
    if (!fs::exists(mark_file)) refuse_if_whole(data);
    if (!fs::exists(mark_file) && fs::exists(kept))
        throw StorageError(kept + " is there, of an earlier recovery; move it away first");
    rows::Head head;
    {
        // Neither a server nor another recovery has the directory open.
        const RocksShared shared;
        const auto alone = open_vault_table(data + "/vault", shared);
        replace_file(mark_file, "a recovery was begun\n");
        keep_as_found(data, kept);
        try {
            head = give_up_the_end(data + "/log");
        } catch (const DamageError&) {
            put_back(data, kept);
            throw;
        }
    }
    const auto found = mark_of(kept);
    if (found) recovered.lost = found->position - std::min(found->position, head.position);
    fs::remove(data + "/anchor");
    open_anchor(data + "/anchor")->write({head.position, head.running});
    renew_store_id(data, system_clock(), system_entropy());
    fs::remove_all(data + "/views");  // of the store that it was, and perhaps not purged of who was erased there
    recovered.settled = settle(data, {.master_key_file = master_key_file, .recovering = true});
    fs::remove(mark_file);
    return recovered;
}

void print_text(const Recovered& recovered) {
    std::cout << "recovered: the log is whole up to position " << recovered.settled.position << "; ";
    if (recovered.lost && *recovered.lost == 0)
        std::cout << "the anchor has seen none behind it, but those of the last seconds it had not seen yet; they are "
                     "lost, if there were any\n";
    else if (recovered.lost)
        std::cout << "at least " << *recovered.lost << " events behind it are lost\n";
    else
        std::cout << "how many events behind it are lost nobody can tell, since the anchor was damaged\n";
    print_text(recovered.settled);
    std::cout << "log and anchor as they were found: " << recovered.kept << "; remove it when nobody needs it"
              << std::endl;
}

}  // namespace muster::tools
