// What the roster makes of each event.
#include "projections/roster.h"

#include "projections/roster_rows.h"

#include <functional>
#include <utility>

namespace muster {
namespace {

// Entries that stay are not touched.
void write_difference(Rows& rows, const roster::Entries& before, const roster::Entries& after) {
    for (const auto& key : before.keys)
        if (!after.keys.contains(key)) rows.erase(key);
    for (const auto& key : after.keys)
        if (!before.keys.contains(key)) rows.put(key, {});
    for (const auto& key : before.counted)
        if (!after.counted.contains(key)) rows.add(key, -1);
    for (const auto& key : after.counted)
        if (!before.counted.contains(key)) rows.add(key, 1);
}

std::optional<roster::PersonRow> load_person(const Rows& rows, MemberId id) {
    auto bytes = rows.get(roster::keys::person(id));
    if (!bytes) return std::nullopt;
    return roster::decode_person(*bytes);
}

void replace_person(Rows& rows, const roster::PersonRow& before, const roster::PersonRow& after) {
    write_difference(rows, roster::entries_of(before), roster::entries_of(after));
    rows.put(roster::keys::person(after.state.id), roster::encode(after));
}

std::vector<roster::ClaimUse> load_claim_uses(const Rows& rows, const std::string& key) {
    auto bytes = rows.get(key);
    return bytes ? roster::decode_claim_uses(*bytes) : std::vector<roster::ClaimUse>();
}

void evolve_delivery(MailDelivery& delivery, const Recorded& recorded) {
    std::visit(
        [&](const auto& event) {
            if constexpr (requires { evolve(delivery, event, recorded.meta); }) evolve(delivery, event, recorded.meta);
        },
        recorded.event);
}

void on_mail(const Recorded& recorded, const std::optional<MemberId>& member, Rows& rows) {
    auto before = member ? load_person(rows, *member) : std::nullopt;
    if (!before) return;
    auto after = *before;
    evolve_delivery(after.delivery, recorded);
    if (after.delivery != before->delivery) replace_person(rows, *before, after);
}

void on_membership(const Recorded& recorded, Rows& rows, const Unicode& unicode) {
    // A stream's first event has no row yet; so a batch of new people reads nothing.
    auto found = recorded.meta.version == 1 ? std::nullopt : load_person(rows, {recorded.stream.id});
    auto before = found.value_or(roster::PersonRow{});
    auto state = before.state;
    evolve(state, recorded);
    if (!state.exists()) return;
    auto delivery = before.delivery;
    evolve_delivery(delivery, recorded);
    if (!found) {
        auto key = roster::keys::claim(state.workspace, state.email_claim);
        auto uses = load_claim_uses(rows, key);
        uses.push_back({state.id, recorded.meta.position});
        rows.put(key, roster::encode(uses));
    }
    bool same_texts = found && state.profile == before.state.profile && state.email == before.state.email &&
                      state.email.or_blank().text() == before.state.email.or_blank().text();
    auto after = same_texts ? roster::PersonRow{std::move(state), before.sort_name, before.words, std::move(delivery)}
                            : roster::person_row(std::move(state), std::move(delivery), unicode);
    replace_person(rows, before, after);
}

void on_sign_in(const Recorded& recorded, const MemberSignedIn& event, Rows& rows) {
    auto before = load_person(rows, event.member);
    if (!before) return;
    auto after = *before;
    after.state.last_login_at = recorded.meta.at;
    replace_person(rows, *before, after);
}

void on_resource(const Recorded& recorded, Rows& rows, const Unicode& unicode) {
    auto key = roster::keys::resource({recorded.stream.id});
    auto bytes = rows.get(key);
    auto before = bytes ? roster::decode_resource_row(*bytes) : roster::ResourceRow{};
    auto state = before.state;
    evolve(state, recorded);
    auto after = roster::resource_row(std::move(state), unicode);
    write_difference(rows, roster::entries_of(before), roster::entries_of(after));
    rows.put(key, roster::encode(after));
}

// The key is gone under which all was sealed that this person ever came with: earlier invitations of the address too.
// Whoever came with the address after a deletion has another key. A view made from now on reads all this as erased.
void erase_uses(const std::string& key, const std::function<bool(const roster::ClaimUse&)>& is_erased, Rows& rows,
                const Unicode& unicode) {
    std::vector<roster::ClaimUse> spared;
    for (const auto& use : load_claim_uses(rows, key)) {
        if (!is_erased(use)) {
            spared.push_back(use);
            continue;
        }
        auto before = load_person(rows, use.member);
        if (!before) continue;
        auto state = before->state;
        state.email = {};
        state.profile = {};
        replace_person(rows, *before, roster::person_row(std::move(state), before->delivery, unicode));
    }
    if (spared.empty())
        rows.erase(key);
    else
        rows.put(key, roster::encode(spared));
}

void on_destroyed(const PersonalDataDestroyed& event, Rows& rows, const Unicode& unicode) {
    auto named = load_person(rows, event.member);
    if (!named) return;
    auto key = roster::keys::claim(named->state.workspace, named->state.email_claim);
    bool deleted = named->state.phase == Phase::deleted;
    auto is_erased = [&](const roster::ClaimUse& use) {
        return !deleted || use.first <= named->state.sessions_end_position;
    };
    erase_uses(key, is_erased, rows, unicode);
}

}  // namespace

void Roster::on(const Recorded& recorded, Rows& rows) const {
    if (recorded.stream.kind == StreamKind::membership) on_membership(recorded, rows, unicode_);
    if (recorded.stream.kind == StreamKind::resource) on_resource(recorded, rows, unicode_);
    if (const auto* sent = std::get_if<MailSent>(&recorded.event)) on_mail(recorded, sent->member, rows);
    if (const auto* failed = std::get_if<MailFailed>(&recorded.event)) on_mail(recorded, failed->member, rows);
    if (const auto* destroyed = std::get_if<PersonalDataDestroyed>(&recorded.event))
        on_destroyed(*destroyed, rows, unicode_);
    if (const auto* signed_in = std::get_if<MemberSignedIn>(&recorded.event)) on_sign_in(recorded, *signed_in, rows);
    // Nobody holds the address then, so all that came with it is erased.
    if (const auto* erased = std::get_if<PersonErased>(&recorded.event))
        erase_uses(
            roster::keys::claim(recorded.workspace, erased->email_claim), [](const auto&) { return true; }, rows,
            unicode_);
}

}  // namespace muster
