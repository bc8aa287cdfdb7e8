// muster fsck: every invariant of the log, and its recovery where its end is damaged.
#include "tools/fsck.h"

#include "api/json/write.h"
#include "eventstore/fsck.h"
#include "tools/commands.h"
#include "tools/control.h"
#include "tools/progress.h"
#include "tools/recover.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <iostream>

namespace muster::tools {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<Table> open_log(const std::string& path, const RocksShared& shared) {
    if (!fs::exists(path + "/CURRENT")) throw DamageError(path + " is missing or damaged: it has no CURRENT file");
    return open_log_table(path, shared);
}

void print_json(const FsckReport& report) {
    std::string out;
    ObjectWriter into(out);
    into.field("events", report.events);
    into.field("workspaces", report.workspaces);
    into.field("found", report.found);
    ArrayWriter findings(into.key("findings"));
    for (const auto& finding : report.findings) {
        ObjectWriter each(findings.next());
        each.field("position", finding.position == 0 ? std::nullopt : std::optional(finding.position));
        each.field("row", finding.row.empty() ? std::nullopt : std::optional(finding.row));
        each.field("sentence", finding.sentence);
        each.end();
    }
    findings.end();
    into.end();
    std::cout << out << std::endl;
}

void print_text(const FsckReport& report) {
    for (const auto& finding : report.findings) std::cout << finding.text() << "\n";
    if (report.found > report.findings.size())
        std::cout << "and " << report.found - report.findings.size() << " more\n";
    std::cout << (report.clean() ? "clean" : std::to_string(report.found) + " findings") << ": " << report.events
              << " events of " << report.workspaces << " workspaces" << std::endl;
}

int check(const std::string& data, const std::string& format) {
    const StillLog still(data);
    FsckReport report;
    {
        ProgressBar bar("fsck");
        report = fsck(still.reading(), still.anchor() ? &*still.anchor() : nullptr,
                      [&](Position done, Position all) { bar(done, all); });
    }
    if (format == "json")
        print_json(report);
    else
        print_text(report);
    return report.clean() ? well : failed;
}

int recover(const std::string& data, const std::string& master_key_file, const std::string& format) {
    const auto recovered = recover_to_point_in_time(data, master_key_file);
    if (format == "json") {
        std::string out;
        write_json(out, recovered);
        std::cout << out << std::endl;
    } else {
        print_text(recovered);
    }
    return well;
}

}  // namespace

StillLog::StillLog(const std::string& data) {
    if (!fs::exists(data + "/STORE"))
        throw StorageError(data + "/STORE is missing: this is no data directory of Muster");
    Request request;
    request.ask = Ask::checkpoint;
    auto answered = ask_server(data, request, [&](std::string_view name) {
        copy_ = checkpoint_directory(data, name);
        lock_ = CheckpointLock(copy_);
    });
    try {
        if (answered && answered->status == damaged) throw DamageError(answered->words);
        if (answered && answered->status != well) throw StorageError(answered->words);
        if (answered && copy_.empty()) throw StorageError("the server named no checkpoint");
        const auto& directory = answered ? copy_ : data;
        // Of a directory at rest too before the log: none that is read later may be behind it.
        anchor_ = open_anchor(directory + "/anchor")->read();
        table_ = open_log(directory + "/log", shared_);
        if (!anchor_ && table_->get(family(LogFamily::heads), rows::head()))
            throw DamageError(directory + "/anchor is missing beside a log that is not empty");
    } catch (...) {
        clean_up();
        throw;
    }
}

StillLog::~StillLog() { clean_up(); }

void StillLog::clean_up() {
    table_.reset();
    std::error_code ignored;  // The server removes what is left.
    if (!copy_.empty()) fs::remove_all(copy_, ignored);
    lock_ = {};
}

void add_fsck(CLI::App& program, int& result) {
    struct Settings {
        std::string data;
        std::string format = "text";
        std::string master_key_file;
        bool recover = false;
        bool accept_loss = false;
    };
    auto settings = std::make_shared<Settings>();
    auto* command = program.add_subcommand("fsck", "Check every invariant of the log; needs no keys");
    command->option_defaults()->always_capture_default();
    command->add_option("--data", settings->data, "The data directory")->required()->envname("MUSTER_DATA");
    command->add_option("--format", settings->format, "How findings are printed")
        ->check(CLI::IsMember({"text", "json"}));
    command
        ->add_option("--master-key-file", settings->master_key_file,
                     "Of a recovery: opens the personal keys; by default DIR/master.key")
        ->envname("MUSTER_MASTER_KEY_FILE");
    auto* recover_flag = command->add_flag("--recover-to-point-in-time", settings->recover,
                                           "Where the end of the log is damaged or lost, and no backup is as new: take "
                                           "it up to where it is whole. What came later is given up");
    auto* accept = command->add_flag("--accept-loss", settings->accept_loss, "Says that this is understood");
    recover_flag->needs(accept);
    accept->needs(recover_flag);
    command->callback([settings, &result] {
        result = settings->recover ? recover(settings->data, settings->master_key_file, settings->format)
                                   : check(settings->data, settings->format);
    });
}

}  // namespace muster::tools
