#include "domain/mail.h"

namespace muster {

void evolve(MailDelivery& delivery, const MemberInvited& event, const Meta& meta) {
    delivery = {event.send_email ? MailStatus::queued : MailStatus::none, 0, {}, meta.position};
}

void evolve(MailDelivery& delivery, const InvitationResent&, const Meta& meta) {
    if (delivery.status != MailStatus::none) delivery = {MailStatus::queued, 0, {}, meta.position};
}

void evolve(MailDelivery& delivery, const MailSent& event, const Meta&) {
    if (event.cause == delivery.cause) delivery = {MailStatus::sent, event.attempts, {}, event.cause};
}

void evolve(MailDelivery& delivery, const MailFailed& event, const Meta&) {
    if (event.cause == delivery.cause)
        delivery = {MailStatus::failed, event.attempts, event.reason, event.cause, event.trouble};
}

}  // namespace muster
