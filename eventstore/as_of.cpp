#include "eventstore/as_of.h"

#include "domain/credentials.h"

#include <algorithm>

namespace muster {

Moment moment_at(const Log& log, WorkspaceId workspace, Instant at) {
    Position last = 0;
    for (Position behind = log.head() + 1; last + 1 < behind;) {
        const auto middle = last + (behind - last) / 2;
        auto frame = log.frame(middle);
        if (!frame) throw DamageError("event " + std::to_string(middle) + " is missing from the log");
        (frame->meta.at <= at ? last : behind) = middle;
    }
    return {log.last_position(workspace, last), at};
}

Moment moment_at(const Log& log, WorkspaceId workspace, Position position) {
    Moment moment{log.last_position(workspace, position), {}};
    if (auto frame = log.frame(moment.position)) moment.at = frame->meta.at;
    return moment;
}

std::vector<MemberId> people_until(const Log& log, WorkspaceId workspace, Position last,
                                   const std::function<void(Position, Position)>& progress) {
    constexpr std::size_t at_once = 1'000;
    std::vector<MemberId> found;
    for (Position after = 0;;) {
        auto positions = log.positions(workspace, after, at_once);
        for (auto position : positions) {
            if (position > last) break;
            auto frame = log.frame(position);
            if (!frame) throw DamageError("event " + std::to_string(position) + " is missing from the log");
            // Each has one first event.
            if (frame->stream.kind == StreamKind::membership && frame->meta.version == 1)
                found.push_back({frame->stream.id});
        }
        if (positions.size() < at_once || positions.back() >= last) break;
        after = positions.back();
        if (progress) progress(after, last);
    }
    std::ranges::sort(found);
    return found;
}

std::vector<RecordedPtr> AsOf::events(const StreamId& stream) const {
    auto positions = log_.positions(stream, 0);
    positions.erase(std::ranges::upper_bound(positions, moment_.position), positions.end());
    return history_.read(positions);
}

std::shared_ptr<const Workspace> AsOf::workspace() const {
    Workspace state;
    state.id = workspace_;
    auto folded = std::make_shared<const Workspace>(fold(events(stream_of(workspace_)), std::move(state)));
    return folded->exists() ? folded : nullptr;
}

Membership AsOf::membership(MemberId id) const {
    Membership nobody;
    nobody.id = id;
    auto state = fold(events(stream_of(id)), nobody);
    if (state.workspace != workspace_) return nobody;
    if (state.due(moment_.at)) evolve(state, InvitationExpired{}, {});
    return state;
}

std::optional<Instant> AsOf::last_login(MemberId id) const {
    auto sign_ins = log_.positions(sign_ins_of(id), 0);
    auto behind = std::ranges::upper_bound(sign_ins, moment_.position);
    if (behind == sign_ins.begin()) return std::nullopt;
    const auto frame = log_.frame(*std::prev(behind));
    if (!frame) throw DamageError("event " + std::to_string(*std::prev(behind)) + " is missing from the log");
    return frame->meta.at;
}

MailDelivery AsOf::delivery(MemberId id) const {
    MailDelivery delivery;
    EventId cause;
    auto follow = [&](const std::vector<RecordedPtr>& events) {
        for (const auto& each : events)
            std::visit(
                [&](const auto& event) {
                    if constexpr (requires { evolve(delivery, event, each->meta); }) {
                        evolve(delivery, event, each->meta);
                        if (delivery.cause == each->meta.position) cause = each->id;
                    }
                },
                each->event);
    };
    follow(events(stream_of(id)));
    if (delivery.cause > 0) follow(events(mail_stream(cause)));
    return delivery;
}

Resource AsOf::resource(ResourceId id) const {
    Resource nothing;
    nothing.id = id;
    auto state = fold(events(stream_of(id)), nothing);
    return state.workspace == workspace_ ? state : nothing;
}

}  // namespace muster
