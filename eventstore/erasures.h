#pragma once
// The ids of destroyed keys: in memory, and in the file that lists them, which goes into every backup. A history that
// is restored from one may not bring back a key that was destroyed after it.
//
//   file := line* "end\n"     line := key id in base32 (26 characters) ‖ ' ' ‖ CRC32C in hexadecimal (8) ‖ '\n'
//   old  := bare*             bare := key id ‖ '\n'
//
// A line's checksum is of all that stands before it in the file, its own id included: a line that was changed, lost or
// moved is noticed at it or at the next one. The last line moves on with every write, so that a file that was cut,
// between two lines too, has none. A file whose first line has no checksum is of the old form, before there were any:
// it is read all the same, as all or nothing bare, and written anew when a vault is opened with it.
//
// For one thread at a time. Throws StorageError where the disk fails.

#include "domain/ids.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace muster {

// What a file says.
struct ErasureList {
    std::unordered_set<Uuid> ids;
    bool whole = true;          // false: it has no end. A crash tore its last write, or it was cut
    bool has_checksums = true;  // false: of the old form
    std::size_t end = 0;        // where the next line goes,
    std::uint32_t sum = 0;      // and the checksum of what stands before it
};
// `name` is what it is called where it is damaged: DamageError for a line that is not as it was written. Of what has no
// end all whole lines count.
ErasureList read_erasures(std::string_view bytes, const std::string& name);
// Of the file; where there is none, nothing is listed.
ErasureList load_erasures(const std::string& path);
// A whole file of these.
std::string erasures_file(const std::vector<Uuid>& ids);

class Erasures {
public:
    explicit Erasures(std::string path);  // An empty path keeps the list in memory only.
    Erasures(const Erasures&) = delete;
    Erasures& operator=(const Erasures&) = delete;
    ~Erasures();

    // Reads the file, of which there may be none yet; it stays as it is. Throws DamageError.
    void load();
    // Once it is known that nothing is missing: gives a file that a crash tore its end, and an old one checksums.
    void mend();
    // The ids are on disk when it returns, in a file of all of them where somebody moved or removed it meanwhile. After
    // a failure it refuses until the file is loaded anew.
    void list(const std::vector<Uuid>& ids);
    // Listed ids count as erased from here on.
    void know(const std::vector<Uuid>& ids) { ids_.insert(ids.begin(), ids.end()); }

    [[nodiscard]] bool contains(const Uuid& id) const { return ids_.contains(id); }
    [[nodiscard]] const std::unordered_set<Uuid>& ids() const { return ids_; }
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    [[noreturn]] void fail(const char* what) const;
    void open();
    // The file anew, of these.
    void rewrite(const std::unordered_set<Uuid>& ids);
    // Whether what is open, or was loaded, still stands under its name.
    [[nodiscard]] bool in_place() const;

    std::string path_;
    int descriptor_ = -1;
    bool failed_ = false;
    bool to_mend_ = false;
    std::size_t end_ = 0;    // of the file's lines
    std::uint32_t sum_ = 0;  // of these
    std::unordered_set<Uuid> ids_;
};

}  // namespace muster
