#include "eventstore/rocks_files.h"

#include "eventstore/table.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <memory>
#include <vector>

namespace muster {

std::set<std::string> files_in(const rocksdb::DB& db, const std::string& path) {
    std::vector<std::string> names;
    const rocksdb::Status read = db.GetEnv()->GetChildren(path, &names);
    if (!read.ok()) throw StorageError(path + ": " + read.ToString());
    return {names.begin(), names.end()};
}

std::set<std::string> manifests_in(const rocksdb::DB& db, const std::string& path) {
    std::set<std::string> manifests = files_in(db, path);
    std::erase_if(manifests, [](const std::string& name) { return !name.starts_with("MANIFEST-"); });
    return manifests;
}

std::set<std::string> used_logs(const rocksdb::DB& db, const std::string& path) {
    std::set<std::string> logs;
    for (const std::string& name : files_in(db, path)) {
        std::uint64_t size = 0;
        // One that is deleted meanwhile is no concern.
        if (name.ends_with(".log") && db.GetEnv()->GetFileSize(path + "/" + name, &size).ok() && size > 0)
            logs.insert(name);
    }
    return logs;
}

std::set<std::string> table_files_but_of_others(rocksdb::DB& db, const std::string& path, const std::string& family) {
    std::set<std::string> files;
    for (const std::string& name : files_in(db, path))
        if (name.ends_with(".sst")) files.insert(name);
    std::vector<rocksdb::LiveFileMetaData> alive;
    db.GetLiveFilesMetaData(&alive);
    for (const auto& file : alive)
        if (file.column_family_name != family) files.erase(file.relative_filename);
    return files;
}

void create_directory(rocksdb::Env& env, const std::filesystem::path& path) {
    if (path.empty() || env.FileExists(path).ok()) return;
    const std::filesystem::path parent = path.parent_path();
    create_directory(env, parent);
    rocksdb::Status status = env.CreateDirIfMissing(path);
    std::unique_ptr<rocksdb::Directory> directory;
    if (status.ok()) status = env.NewDirectory(parent, &directory);
    if (status.ok()) status = directory->Fsync();
    if (!status.ok()) throw StorageError(path.string() + ": " + status.ToString());
}

void refuse_remains(rocksdb::Env& env, const std::string& path) {
    std::vector<std::string> names;
    if (env.FileExists(path + "/CURRENT").ok() || !env.GetChildren(path, &names).ok()) return;
    for (const std::string& name : names)
        if (name.ends_with(".sst") || name.ends_with(".log"))
            throw DamageError(path + ": CURRENT is missing, but " + name + " is there");
}

}  // namespace muster
