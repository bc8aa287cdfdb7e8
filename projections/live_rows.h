#pragma once
// The rows of a read model as queries read them: whoever meets damage in them tells the runner, which halts the model,
// so that not only the one who asked knows.

#include "eventstore/table.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

// For use by any number of threads. Damage is told, on the thread that met it, and thrown on.
class LiveRows final : public Reading {
public:
    using OnDamage = std::function<void(const DamageError&)>;
    LiveRows(std::shared_ptr<const Table> table, OnDamage on_damage);

    [[nodiscard]] std::optional<std::string> get(Family family, std::string_view key) const override;
    [[nodiscard]] std::unique_ptr<Cursor> scan(Family family, std::string_view prefix) const override;
    // May outlive this.
    [[nodiscard]] std::unique_ptr<Reading> snapshot() const;

private:
    std::shared_ptr<const Table> table_;
    std::shared_ptr<const OnDamage> on_damage_;
};

}  // namespace muster
