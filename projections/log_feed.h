#pragma once
// The log as projections follow it. The log and the history must outlive it.

#include "eventstore/history.h"
#include "eventstore/log.h"
#include "projections/feed.h"

namespace muster {

class LogFeed final : public Feed {
public:
    LogFeed(const Log& log, const History& history) : log_(log), history_(history) {}
    [[nodiscard]] std::vector<RecordedPtr> after(Position after, std::size_t most) const override {
        return history_.after(after, most);
    }
    [[nodiscard]] Digest link_at(Position position) const override {
        return position == 0 ? Digest{} : log_.link_at(position);
    }
    [[nodiscard]] Position head() const override { return log_.head(); }

private:
    const Log& log_;
    const History& history_;
};

}  // namespace muster
