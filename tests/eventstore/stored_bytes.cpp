#include "tests/eventstore/stored_bytes.h"

#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>

namespace muster::test {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream all;
    all << file.rdbuf();
    return all.str();
}

// Every key and value, also of rows that a later one replaced.
std::string rows_of(const fs::path& path) {
    rocksdb::Options options;
    rocksdb::SstFileReader reader(options);
    if (auto opened = reader.Open(path.string()); !opened.ok())
        throw std::runtime_error(path.string() + ": " + opened.ToString());
    std::string all;
    const std::unique_ptr<rocksdb::Iterator> row(reader.NewIterator(rocksdb::ReadOptions()));
    for (row->SeekToFirst(); row->Valid(); row->Next())
        all += row->key().ToString() + '\n' + row->value().ToString() + '\n';
    return all;
}

}  // namespace

std::vector<std::string> files_with(const std::string& directory, const std::vector<std::string>& wanted) {
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
        if (!entry.is_regular_file()) continue;
        auto bytes = bytes_of(entry.path());
        if (entry.path().extension() == ".sst") bytes += rows_of(entry.path());
        for (const auto& each : wanted)
            if (bytes.find(each) != std::string::npos)
                found.push_back(fs::relative(entry.path(), directory).string() + ": " + each);
    }
    return found;
}

}  // namespace muster::test
