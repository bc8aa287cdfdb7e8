#pragma once
// The ids of destroyed keys: in memory, and in the file that lists them, which goes into every backup. A history that
// is restored from one may not bring back a key that was destroyed after it.
//
//   file := line*        line := key id in base32 (26 characters) ‖ '\n'
//
// For one thread at a time. Throws StorageError where the disk fails.

#include "domain/ids.h"

#include <string>
#include <unordered_set>
#include <vector>

namespace muster {

class Erasures {
public:
    explicit Erasures(std::string path);  // An empty path keeps the list in memory only.
    Erasures(const Erasures&) = delete;
    Erasures& operator=(const Erasures&) = delete;
    ~Erasures();

    // Reads the file, of which there may be none yet. Mends a last line that a crash tore; throws DamageError for any
    // other line that is not an id.
    void load();
    // The ids are on disk when it returns. After a failure it refuses until the file is loaded anew.
    void list(const std::vector<Uuid>& ids);
    // Listed ids count as erased from here on.
    void know(const std::vector<Uuid>& ids) { ids_.insert(ids.begin(), ids.end()); }

    [[nodiscard]] bool contains(const Uuid& id) const { return ids_.contains(id); }
    [[nodiscard]] const std::unordered_set<Uuid>& ids() const { return ids_; }
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    [[noreturn]] void fail(const char* what) const;
    void learn(const std::string& line, std::size_t number);
    void mend(const std::string& text, std::size_t begin, std::size_t number);
    void open();

    std::string path_;
    int descriptor_ = -1;
    bool failed_ = false;
    std::unordered_set<Uuid> ids_;
};

}  // namespace muster
