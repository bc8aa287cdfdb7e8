#include "tools/backup_source.h"

#include "tools/commands.h"
#include "tools/control.h"

#include <filesystem>

namespace muster::tools {
namespace {

namespace fs = std::filesystem;

// At rest: by the same links that a server makes.
CheckpointMade copy_at_rest(const std::string& data, BackupKind kind) {
    const RocksShared shared;
    const auto name = kind == BackupKind::log ? "/log" : "/vault";
    if (!fs::exists(data + name + "/CURRENT"))
        throw DamageError(data + name + " is missing or damaged: it has no CURRENT file");
    const auto table =
        kind == BackupKind::log ? open_log_table(data + name, shared) : open_vault_table(data + name, shared);
    return make_checkpoint(
        data, [&](const std::string& directory) { table->checkpoint(directory + name); }, kind == BackupKind::log);
}

}  // namespace

BackupSource::BackupSource(const std::string& data, BackupKind kind) {
    Request request;
    request.ask = kind == BackupKind::log ? Ask::checkpoint : Ask::vault_checkpoint;
    auto take = [&](std::string_view name) {
        copy_ = checkpoint_directory(data, name);
        lock_ = CheckpointLock(copy_);
    };
    auto answered = ask_server(data, request, take);
    if (!answered) take(copy_at_rest(data, kind).name);
    if (answered && answered->status == damaged) throw DamageError(answered->words);
    if (answered && answered->status != well) throw StorageError(answered->words);
    if (copy_.empty()) throw StorageError("the server named no checkpoint");
}

BackupSource::~BackupSource() {
    std::error_code ignored;  // The server removes what is left.
    if (!copy_.empty()) fs::remove_all(copy_, ignored);
}

}  // namespace muster::tools
