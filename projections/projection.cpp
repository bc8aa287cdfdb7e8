#include "projections/projection.h"

#include "eventstore/bytes.h"

#include <utility>

namespace muster {

std::optional<std::string> Rows::get(const std::string& key) const {
    auto found = written_.find(key);
    return found == written_.end() ? table_.get(0, key) : found->second;
}

void Rows::put(std::string key, std::string value) { written_.insert_or_assign(std::move(key), std::move(value)); }

void Rows::erase(std::string key) { written_.insert_or_assign(std::move(key), std::nullopt); }

void Rows::add(const std::string& key, std::int64_t delta) {
    const std::int64_t sum = number_in(get(key)) + delta;
    if (sum == 0) return erase(key);
    std::string row;
    append_u64(row, static_cast<std::uint64_t>(sum));
    put(key, std::move(row));
}

WriteBatch Rows::take() {
    WriteBatch batch;
    while (!written_.empty()) {
        auto row = written_.extract(written_.begin());
        if (row.mapped())
            batch.put(0, std::move(row.key()), std::move(*row.mapped()));
        else
            batch.erase(0, std::move(row.key()));
    }
    return batch;
}

std::int64_t number_in(const std::optional<std::string>& row) {
    return row ? static_cast<std::int64_t>(read_u64(*row)) : 0;
}

}  // namespace muster
