#include "projections/rebuild.h"

#include "eventstore/bytes.h"
#include "eventstore/rocks_table.h"
#include "projections/runner.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <utility>

namespace muster {
namespace {

bool runners_own(const Cursor& row) { return !row.key().empty() && row.key().front() == runner_prefix; }

// The rows of a table without the runner's own.
std::unique_ptr<Cursor> own_rows(const Reading& reading) {
    auto row = reading.scan(0, {});
    while (row->valid() && runners_own(*row)) row->next();
    return row;
}

// Removes the directory in the end, whatever happens.
class Aside {
public:
    explicit Aside(std::string path) : path_(std::move(path)) {
        std::filesystem::remove_all(path_);
        std::filesystem::create_directories(path_);
    }
    ~Aside() {
        std::error_code ignored;  // It is not a generation; the next one to be made live clears it away.
        std::filesystem::remove_all(path_, ignored);
    }
    Aside(const Aside&) = delete;
    Aside& operator=(const Aside&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

void append_hex(std::string& text, std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (char byte : bytes) {
        text += digits[static_cast<unsigned char>(byte) >> 4];
        text += digits[static_cast<unsigned char>(byte) & 15];
    }
}

}  // namespace

void fill(const Origin& origin, const Projection& projection, Table& table, Position done, Position until,
          const Progress& progress) {
    while (done < until) {
        const auto most = std::min<Position>(limits::batch_events, until - done);
        auto events = origin.feed.after(done, most);
        std::erase_if(events, [&](const RecordedPtr& each) { return each->meta.position > until; });
        if (events.empty()) throw DamageError("the log ends in front of position " + std::to_string(until));
        Rows rows(table);
        for (const auto& each : events) projection.on(*each, rows);
        done = events.back()->meta.position;
        write(origin, projection, table, rows, done);
        if (progress) progress(done, until);
    }
}

Dump dump(const Reading& reading) {
    Dump sum;
    for (auto row = own_rows(reading); row->valid(); row->next()) {
        std::string key;
        append_u32(key, static_cast<std::uint32_t>(row->key().size()));
        key += row->key();
        sum.hash = sha256(view(sum.hash), key, row->value());
        ++sum.rows;
    }
    return sum;
}

std::optional<Difference> first_difference(const Reading& left, const Reading& right) {
    auto one = own_rows(left);
    auto other = own_rows(right);
    for (; one->valid() && other->valid(); one->next(), other->next()) {
        if (one->key() < other->key()) break;
        if (one->key() > other->key()) break;
        if (one->value() != other->value())
            return Difference{std::string(one->key()), std::string(one->value()), std::string(other->value())};
    }
    if (one->valid() && (!other->valid() || one->key() < other->key()))
        return Difference{std::string(one->key()), std::string(one->value()), std::nullopt};
    if (other->valid()) return Difference{std::string(other->key()), std::nullopt, std::string(other->value())};
    return std::nullopt;
}

std::string Difference::text() const {
    auto append = [](std::string& out, const std::optional<std::string>& value) {
        if (value)
            append_hex(out, *value);
        else
            out += "no row";
    };
    std::string out = "key ";
    append_hex(out, key);
    append(out += ": ", left);
    append(out += ", anew: ", right);
    return out;
}

Dump read_back(const Origin& origin, const Projection& projection, Generation& made) {
    const auto path = Generations(origin.views, projection).path(made.number);
    const auto rows = dump(*made.table);
    made.table->flush();
    made.table.reset();
    check_blocks(path, path);  // Blocks that are cached are found again when it is opened, and not read.
    made.table = origin.open(path, false);
    auto checkpoint = read_checkpoint(*made.table);
    if (!checkpoint || checkpoint->position != made.position || dump(*made.table) != rows)
        throw DamageError("what was written to " + path + " does not read back");
    return rows;
}

void compare_with_before(const Reading& before, const Reading& anew, Rebuilt& made) {
    made.same_as_before.reset();
    made.difference.reset();
    try {
        made.same_as_before = dump(before) == made.rows;
    } catch (const DamageError&) {
        made.not_compared = damaged_before;
        return;
    }
    if (!*made.same_as_before) made.difference = first_difference(before, anew);
}

Rebuilt rebuild(const Origin& origin, const Projection& projection, const Progress& progress) {
    const Generations generations(origin.views, projection);
    auto before = find_valid(origin, projection);
    if (before && !before->live) before.reset();  // it is the next one, whose making was broken off
    // Without a CURRENT nobody knows whether what is there was live, and it may be wrong: nothing goes on with it.
    auto made = generations.current() ? next_generation(origin, projection) : make_generation(origin, projection);
    Rebuilt rebuilt{.generation = made.number,
                    .position = origin.feed.head(),
                    .rows = {},
                    .same_as_before = {},
                    .not_compared = {},
                    .difference = {}};
    try {
        fill(origin, projection, *made.table, made.position, rebuilt.position, progress);
        made.position = rebuilt.position;
        rebuilt.rows = read_back(origin, projection, made);
        if (before && before->position == rebuilt.position)
            compare_with_before(*before->table, *made.table, rebuilt);
        else if (!before && generations.current())
            rebuilt.not_compared = "the one before is damaged, or of another version or history";
        else if (before)
            rebuilt.not_compared = "the one before stood at position " + std::to_string(before->position);
    } catch (...) {
        made.table.reset();
        generations.remove(made.number);
        throw;
    }
    before.reset();
    generations.make_current(made.number);
    generations.keep_only(made.number);
    return rebuilt;
}

Verified verify(const Origin& origin, const Projection& projection, const Reading& live, const Progress& progress) {
    auto checkpoint = read_checkpoint(live);
    if (!checkpoint) throw DamageError("the view of " + std::string(projection.name()) + " has no checkpoint");
    const Aside aside(Generations(origin.views, projection).directory() + "/aside");
    auto table = origin.open(aside.path(), true);
    fill(origin, projection, *table, 0, checkpoint->position, progress);
    return {checkpoint->position, dump(live), dump(*table), first_difference(live, *table)};
}

std::optional<Verified> verify(const Origin& origin, const Projection& projection, Runner& runner,
                               const Progress& progress) {
    const auto name = projection.name();
    runner.begin_aside(name);
    struct Leaving {
        Runner& runner;
        std::string_view name;
        ~Leaving() { runner.leave_aside(name); }
    };
    const Leaving leaving{runner, name};
    const auto live = runner.table(name);
    if (!live) return std::nullopt;
    return verify(origin, projection, *live->snapshot(), progress);
}

}  // namespace muster
