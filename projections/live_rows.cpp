#include "projections/live_rows.h"

#include <utility>

namespace muster {
namespace {

using Tell = std::shared_ptr<const LiveRows::OnDamage>;

template <class Read>
auto watched(const Tell& tell, Read read) {
    try {
        return read();
    } catch (const DamageError& damage) {
        (*tell)(damage);
        throw;
    }
}

class WatchedCursor final : public Cursor {
public:
    WatchedCursor(std::unique_ptr<Cursor> rows, Tell tell) : rows_(std::move(rows)), tell_(std::move(tell)) {}
    void seek(std::string_view key) override {
        watched(tell_, [&] { rows_->seek(key); });
    }
    void seek_for_previous(std::string_view key) override {
        watched(tell_, [&] { rows_->seek_for_previous(key); });
    }
    void seek_to_last() override {
        watched(tell_, [&] { rows_->seek_to_last(); });
    }
    void next() override {
        watched(tell_, [&] { rows_->next(); });
    }
    void previous() override {
        watched(tell_, [&] { rows_->previous(); });
    }
    [[nodiscard]] bool valid() const override {
        return watched(tell_, [&] { return rows_->valid(); });
    }
    [[nodiscard]] std::string_view key() const override { return rows_->key(); }
    [[nodiscard]] std::string_view value() const override { return rows_->value(); }

private:
    std::unique_ptr<Cursor> rows_;
    Tell tell_;
};

std::unique_ptr<Cursor> scan_watched(const Reading& rows, const Tell& tell, Family family, std::string_view prefix) {
    return watched(tell, [&] { return std::make_unique<WatchedCursor>(rows.scan(family, prefix), tell); });
}

class WatchedReading final : public Reading {
public:
    WatchedReading(std::unique_ptr<Reading> rows, Tell tell) : rows_(std::move(rows)), tell_(std::move(tell)) {}
    [[nodiscard]] std::optional<std::string> get(Family family, std::string_view key) const override {
        return watched(tell_, [&] { return rows_->get(family, key); });
    }
    [[nodiscard]] std::unique_ptr<Cursor> scan(Family family, std::string_view prefix) const override {
        return scan_watched(*rows_, tell_, family, prefix);
    }

private:
    std::unique_ptr<Reading> rows_;
    Tell tell_;
};

}  // namespace

LiveRows::LiveRows(std::shared_ptr<const Table> table, OnDamage on_damage)
    : table_(std::move(table)), on_damage_(std::make_shared<const OnDamage>(std::move(on_damage))) {}

std::optional<std::string> LiveRows::get(Family family, std::string_view key) const {
    return watched(on_damage_, [&] { return table_->get(family, key); });
}

std::unique_ptr<Cursor> LiveRows::scan(Family family, std::string_view prefix) const {
    return scan_watched(*table_, on_damage_, family, prefix);
}

std::unique_ptr<Reading> LiveRows::snapshot() const {
    return std::make_unique<WatchedReading>(table_->snapshot(), on_damage_);
}

}  // namespace muster
