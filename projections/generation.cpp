#include "projections/generation.h"

#include "eventstore/anchor.h"
#include "eventstore/bytes.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

namespace muster {

namespace fs = std::filesystem;

const std::string checkpoint_key = std::string(1, runner_prefix) + "checkpoint";

std::string encode(const Checkpoint& checkpoint) {
    std::string bytes;
    append_u64(bytes, checkpoint.position);
    bytes += view(checkpoint.link);
    for (auto byte : checkpoint.store.bytes) append_u8(bytes, byte);
    append_u32(bytes, checkpoint.version);
    return bytes;
}

std::optional<Checkpoint> read_checkpoint(const Reading& reading) {
    auto row = reading.get(0, checkpoint_key);
    constexpr std::size_t size = 8 + 32 + 16 + 4;
    if (!row || row->size() != size) return std::nullopt;
    ByteReader bytes(*row);
    Checkpoint checkpoint;
    checkpoint.position = bytes.take<std::uint64_t>();
    for (auto& byte : checkpoint.link) byte = bytes.take<std::uint8_t>();
    for (auto& byte : checkpoint.store.bytes) byte = bytes.take<std::uint8_t>();
    checkpoint.version = bytes.take<std::uint32_t>();
    return checkpoint;
}

namespace {

std::optional<std::uint64_t> number_from(std::string_view text) {
    std::uint64_t number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number == 0) return std::nullopt;
    return number;
}

bool valid(const Origin& origin, const Projection& projection, const Checkpoint& checkpoint) {
    return checkpoint.store == origin.store && checkpoint.version == projection.version() &&
           checkpoint.position <= origin.feed.head() && checkpoint.link == origin.feed.link_at(checkpoint.position);
}

// nullopt where it is of another store, version or history.
std::optional<Generation> open(const Origin& origin, const Projection& projection, const Generations& generations,
                               std::uint64_t number) {
    std::shared_ptr<Table> table = origin.open(generations.path(number), false);
    auto checkpoint = read_checkpoint(*table);
    if (!checkpoint || !valid(origin, projection, *checkpoint)) return std::nullopt;
    return Generation{.number = number, .live = false, .table = std::move(table), .position = checkpoint->position};
}

using OnLost = std::function<void(const std::string& why)>;

std::optional<Generation> open_valid(const Origin& origin, const Projection& projection, const Generations& generations,
                                     std::uint64_t number, const OnLost& lost = {}) {
    try {
        return open(origin, projection, generations, number);
    } catch (const StorageError& error) {
        // Half made, half removed or damaged: it is made anew, and if the disk fails, so will that.
        if (lost) lost(error.what());
        return std::nullopt;
    }
}

}  // namespace

Generations::Generations(const std::string& views, const Projection& projection)
    : directory_(views + "/" + std::string(projection.name())) {}

std::optional<std::uint64_t> Generations::current() const {
    std::ifstream file(directory_ + "/CURRENT", std::ios::binary);
    if (!file) return std::nullopt;
    return number_from(std::string(std::istreambuf_iterator<char>(file), {}));
}

std::vector<std::uint64_t> Generations::all() const {
    std::vector<std::uint64_t> found;
    if (!fs::exists(directory_)) return found;
    for (const auto& entry : fs::directory_iterator(directory_))
        if (auto number = number_from(entry.path().filename().string())) found.push_back(*number);
    std::sort(found.rbegin(), found.rend());
    return found;
}

std::string Generations::path(std::uint64_t generation) const { return directory_ + "/" + std::to_string(generation); }

std::uint64_t Generations::next() const {
    auto numbers = all();
    // Above CURRENT too: what it names may be missing, and a new one of that number would be live before its time.
    return std::max(numbers.empty() ? 0 : numbers.front(), current().value_or(0)) + 1;
}

void Generations::make_current(std::uint64_t generation) const {
    replace_file(directory_ + "/CURRENT", std::to_string(generation));
}

void Generations::keep_only(std::uint64_t generation, std::optional<std::uint64_t> other) const {
    std::vector<fs::path> others;
    for (const auto& entry : fs::directory_iterator(directory_)) {
        auto name = entry.path().filename().string();
        auto number = number_from(name);
        bool kept = number ? number == generation || number == other : name == "CURRENT";
        if (!kept) others.push_back(entry.path());
    }
    for (const auto& path : others) {
        if (auto number = number_from(path.filename().string()))
            remove(*number);
        else
            fs::remove_all(path);
    }
}

void Generations::remove_next() const {
    const auto live = current().value_or(0);
    for (auto number : all())
        if (number > live) remove(number);
}

void Generations::remove(std::uint64_t generation) const {
    // Under another name first, so that what is half removed is never taken for a generation.
    auto gone = path(generation) + ".removed";
    fs::remove_all(gone);
    fs::rename(path(generation), gone);
    fs::remove_all(gone);
}

namespace {

// The newest of those that may be gone on with and can; the others of them are removed.
std::optional<Generation> newest_valid(const Origin& origin, const Projection& projection,
                                       const Generations& generations,
                                       const std::function<bool(std::uint64_t)>& may_be) {
    std::optional<Generation> found;
    for (auto number : generations.all()) {
        if (!may_be(number)) continue;
        if (!found) found = open_valid(origin, projection, generations, number);
        if (!found || found->number != number) generations.remove(number);
    }
    return found;
}

// Of those made after the live one.
std::optional<Generation> broken_off(const Origin& origin, const Projection& projection, const Generations& generations,
                                     std::uint64_t live) {
    return newest_valid(origin, projection, generations, [&](std::uint64_t number) { return number > live; });
}

}  // namespace

std::optional<Generation> find_valid(const Origin& origin, const Projection& projection, const OnLost& lost) {
    const Generations generations(origin.views, projection);
    const auto current = generations.current();
    if (current) {
        if (auto found = open_valid(origin, projection, generations, *current, lost)) {
            found->live = true;
            const auto next = broken_off(origin, projection, generations, *current);
            generations.keep_only(*current, next ? std::optional(next->number) : std::nullopt);
            return found;
        }
    }
    if (lost && !current && !generations.all().empty()) lost("CURRENT is missing, or no number");
    // What was live stays until another one is complete.
    return newest_valid(origin, projection, generations, [&](std::uint64_t number) { return number != current; });
}

Generation reopen(const Origin& origin, const Projection& projection, std::uint64_t number) {
    const Generations generations(origin.views, projection);
    if (auto found = open(origin, projection, generations, number)) return std::move(*found);
    throw DamageError(generations.path(number) + " is not what it was");
}

Generation next_generation(const Origin& origin, const Projection& projection) {
    const Generations generations(origin.views, projection);
    auto found = broken_off(origin, projection, generations, generations.current().value_or(0));
    return found ? std::move(*found) : make_generation(origin, projection);
}

Generation make_generation(const Origin& origin, const Projection& projection) {
    const Generations generations(origin.views, projection);
    Generation made;
    made.number = generations.next();
    fs::create_directories(generations.path(made.number));
    made.table = origin.open(generations.path(made.number), true);
    WriteBatch first;
    first.put(0, checkpoint_key, encode(Checkpoint{0, Digest{}, origin.store, projection.version()}));
    made.table->write(first, Sync::yes);
    return made;
}

void write(const Origin& origin, const Projection& projection, Table& table, Rows& rows, Position position) {
    auto batch = rows.take();
    batch.put(0, checkpoint_key,
              encode(Checkpoint{position, origin.feed.link_at(position), origin.store, projection.version()}));
    table.write(batch, Sync::no);
}

}  // namespace muster
