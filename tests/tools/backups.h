// Backups of a data directory, and what is restored from them, in a few words.
#pragma once

#include "tests/tools/program.h"
#include "tools/commands.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace muster::test {

namespace fs = std::filesystem;

struct Backups {
    DataDirectory data;
    Scratch scratch;
    std::string folder = scratch / "backups";

    Ran create(std::vector<std::string> more = {}) {
        return run({"backup", "create", "--data", data.path(), "--to", folder}, std::move(more));
    }
    Ran list(std::vector<std::string> more = {}) { return run({"backup", "list", "--from", folder}, std::move(more)); }
    Ran verify(std::vector<std::string> more = {}) {
        return run({"backup", "verify", "--from", folder}, std::move(more));
    }
    Ran restore(std::vector<std::string> more = {}) {
        return run({"backup", "restore", "--from", folder, "--to", restored(), "--master-key-file", master_key()},
                   std::move(more));
    }
    [[nodiscard]] std::string master_key() const { return data.path() + "/master.key"; }
    [[nodiscard]] std::string restored() const { return scratch / "restored"; }

    // The names of the backups of a kind, the oldest first.
    [[nodiscard]] std::vector<std::string> names(const std::string& kind) const {
        std::vector<std::string> all;
        for (const auto& file : fs::directory_iterator(folder + "/" + kind))
            if (file.path().extension() == ".backup") all.push_back(file.path().stem());
        std::sort(all.begin(), all.end());
        return all;
    }
    // The stored file of a path of a backup, as its list of files names it; empty where there is none.
    [[nodiscard]] std::string stored(const std::string& kind, const std::string& name,
                                     const std::string& ending) const {
        std::ifstream lines(folder + "/" + kind + "/" + name + ".backup");
        for (std::string line; std::getline(lines, line);) {
            std::istringstream words(line);
            std::string what, digest, bytes, path;
            words >> what >> digest >> bytes >> path;
            if (what == "file" && path.ends_with(ending) && bytes != "0")
                return folder + "/" + kind + "/files/" + digest;
        }
        return {};
    }

    // Garbage in the place of a backup's list of files: where that is.
    std::string damage_list(const std::string& kind, const std::string& name) const {
        auto path = folder + "/" + kind + "/" + name + ".backup";
        std::ofstream(path, std::ios::binary | std::ios::trunc) << std::string(500, '?');
        return path;
    }

    // How many files a backup lists, and the files that are kept for all of them.
    [[nodiscard]] std::size_t files(const std::string& kind, const std::string& name) const {
        std::ifstream lines(folder + "/" + kind + "/" + name + ".backup");
        std::size_t count = 0;
        for (std::string line; std::getline(lines, line);) count += line.starts_with("file ") ? 1 : 0;
        return count;
    }
    [[nodiscard]] std::vector<std::string> digests(const std::string& kind) const {
        std::vector<std::string> all;
        for (const auto& file : fs::directory_iterator(folder + "/" + kind + "/files"))
            all.push_back(file.path().filename());
        return all;
    }

private:
    static Ran run(std::vector<std::string> arguments, std::vector<std::string> more) {
        arguments.insert(arguments.end(), more.begin(), more.end());
        return muster(arguments);
    }
};

inline std::string contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream all;
    all << file.rdbuf();
    return all.str();
}

// The restored directory, served.
struct Served {
    explicit Served(const Backups& backups) {
        SystemOptions options;
        options.directory = backups.restored();
        options.master_key_file = backups.master_key();
        options.operator_key = "operator";
        options.clock = &backups.data.clock;
        system = std::make_unique<System>(std::move(options));
    }
    http::Response get(const std::string& path) { return call("GET", path); }
    http::Response call(const std::string& method, const std::string& path, const std::string& body = {}) {
        http::Request request{method, path, {{"authorization", "Bearer operator"}}, body, "127.0.0.1"};
        if (!body.empty()) request.headers.push_back({"content-type", "application/json"});
        return system->call(std::move(request));
    }
    std::unique_ptr<System> system;
};

}  // namespace muster::test
