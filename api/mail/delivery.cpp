#include "api/mail/delivery.h"

#include <algorithm>

namespace muster {

MailDelivery delivery_of(const History& history, const Membership& membership, const std::vector<RecordedPtr>& more) {
    MailDelivery delivery;
    bool known = false;  // the invitation itself
    std::uint32_t resent = 0;
    EventId cause;
    Position read = 0;
    auto follow = [&](const std::vector<RecordedPtr>& events) {
        for (const auto& each : events) {
            if (each->stream != stream_of(membership.id) || each->meta.position <= read) continue;
            read = each->meta.position;
            const auto* invited = std::get_if<MemberInvited>(&each->event);
            const auto* resent_now = std::get_if<InvitationResent>(&each->event);
            if (!invited && !resent_now) continue;
            invited ? evolve(delivery, *invited, each->meta) : evolve(delivery, *resent_now, each->meta);
            known = true;
            resent += resent_now ? 1 : 0;
            cause = each->id;
        }
    };
    bool begins = !more.empty() && std::ranges::any_of(more, [&](const auto& each) {
        return each->stream == stream_of(membership.id) && each->meta.version == 1;
    });
    if (!begins) follow(history.stream(stream_of(membership.id)));
    follow(more);
    if (!known || membership.resent_count != resent)
        return {membership.send_email ? MailStatus::queued : MailStatus::none, 0, {}, 0};
    if (delivery.status != MailStatus::queued || begins) return delivery;
    for (const auto& each : history.stream(mail_stream(cause))) {
        if (const auto* sent = std::get_if<MailSent>(&each->event)) evolve(delivery, *sent, each->meta);
        if (const auto* failed = std::get_if<MailFailed>(&each->event)) evolve(delivery, *failed, each->meta);
    }
    return delivery;
}

}  // namespace muster
