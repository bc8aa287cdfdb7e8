// What the audit says of each event. The sentences are a golden file, so that a change of words is seen.
#include "projections/sentence.h"

#include "tests/domain/cast.h"
#include "tests/golden.h"

#include <catch2/catch.hpp>

#include <set>
#include <string>

namespace muster {
namespace {

using spec::made;
using spec::named;

constexpr Actor by_ada{ActorKind::member, spec::ada.uuid};

const Names names{[](const Actor& actor) {
                      return std::string(actor == by_ada ? "Ada" : actor.kind == ActorKind::system ? "Muster" : "");
                  },
                  [](const Target& target) {
                      return std::string(target.kind == "member" || target.kind == "invitation" ? "Grace" : "");
                  }};
const Names nobody{[](const Actor&) { return std::string(); }, [](const Target&) { return std::string(); }};

Recorded recorded(Event event, StreamId stream, Actor actor = by_ada) {
    Recorded made{};
    made.meta = {7, 3, spec::monday, actor};
    made.stream = stream;
    made.workspace = spec::spring;
    made.event = std::move(event);
    return made;
}

License license(std::string_view key, std::optional<std::int64_t> seats) {
    License made;
    made.key = LicenseKey{std::string(key)};
    made.name = named(key);
    made.seats = seats;
    return made;
}

Profile profile(std::string_view name, std::string_view job_title) {
    return {std::string(name), job_title.empty() ? std::optional<Name>() : named(job_title), {}, {}};
}

// One of every type, with as much in it as there can be.
std::vector<Recorded> one_of_each() {
    const auto workspace = stream_of(spec::spring);
    const auto person = stream_of(spec::grace);
    const auto robot = stream_of(spec::robot);
    const auto request = stream_of(spec::wish);
    const auto mail = mail_stream(EventId{spec::linus.uuid});
    Settings settings;
    settings.default_role = spec::plain;
    settings.allowed_email_domains = {EmailDomain{"spring.example"}, EmailDomain{"autumn.example"}};
    settings.sign_in = SignIn::both;
    settings.max_teams_per_member = 1;
    const Plan small{5, spec::monday, {license("basic", {}), license("old", 2)}};
    Plan large{{}, {}, {license("basic", 10), license("organization", 3)}};
    large.licenses[1].requires_ = {LicenseKey{"basic"}};
    Assignment before;
    before.role = spec::plain;
    Assignment after;
    after.role = spec::admin;
    after.license = spec::organization;
    after.add_ons = {spec::coaching};
    after.teams = {spec::sales};
    after.permissions = {{spec::crm, 4}, {spec::recordings, 5}};
    after.resources = {{spec::robot, Access::edit}};
    const Role role{RoleKey{"guest"}, named("Guest"), {}, made<Path>("/")};
    const Role welcome{RoleKey{"guest"}, named("Welcome guest"), {spec::crm}, made<Path>("/welcome")};
    const OwnPermission permission{spec::crm, named("Can access CRM"), {}};
    const Team team{spec::sales, spec::team_name("Sales")};
    const ApiKey key{spec::numbered<ApiKeyId>(7), named("Importer"), {PermissionKey{"members.read"}}, {}};
    const Webhook hook{spec::numbered<WebhookId>(8), made<TargetUrl>("https://hooks.example/a"), {}, true};
    const Webhook resting{hook.id, hook.url, {EventType{"muster.member_invited"}}, false};
    const auto name = spec::named("Spring");
    return {
        recorded(WorkspaceCreated{name, made<Slug>("spring"), "default", {}, settings, small, {role}, {permission}},
                 workspace, {ActorKind::operator_, {}}),
        recorded(WorkspaceRenamed{name, named("Summer"), made<Slug>("spring"), made<Slug>("summer")}, workspace),
        recorded(SettingsChanged{{}, settings}, workspace),
        recorded(PlanChanged{small, large}, workspace),
        recorded(RoleDefined{role}, workspace),
        recorded(RoleChanged{role, welcome}, workspace),
        recorded(RoleRemoved{role}, workspace),
        recorded(PermissionDefined{permission}, workspace),
        recorded(PermissionChanged{permission, {permission.key, Name{"Access to CRM"}, {}}}, workspace),
        recorded(PermissionRemoved{permission}, workspace),
        recorded(TeamCreated{team}, workspace),
        recorded(TeamRenamed{spec::sales, team.name, spec::team_name("Success")}, workspace),
        recorded(TeamDeleted{team}, workspace),
        recorded(ResourceRegistered{named("agent"), named("Robot"), named("Acme")}, robot),
        recorded(ResourceChanged{named("agent"), named("agent"), named("Robot"), named("Parrot"), named("Acme"), {}},
                 robot),
        recorded(ResourceRemoved{}, robot),
        recorded(MemberInvited{spec::grace_address, "claim", profile("Grace", ""), after, 60, true, {}}, person),
        recorded(InvitationEdited{profile("Grace", ""), profile("Grace", "Captain"), before, after}, person),
        recorded(InvitationResent{60, true, {spec::coaching}}, person),
        recorded(InvitationRevoked{RevokeReason::replaced}, person),
        recorded(InvitationExpired{}, person, {}),
        recorded(InvitationAccepted{profile("Grace", ""), {}, false}, person, {ActorKind::invitee, spec::grace.uuid}),
        recorded(MemberCreated{spec::grace_address, "claim", profile("Grace", ""), before, true}, person),
        recorded(MemberChanged{profile("Grace", "Captain"), profile("Grace Hopper", ""), after, before}, person),
        recorded(MemberDeactivated{}, person, {ActorKind::api_key, spec::linus.uuid}),
        recorded(MemberReactivated{{spec::organization}}, person),
        recorded(MemberDeleted{spec::linus}, person),
        recorded(MemberProvisioned{spec::grace_address, "claim", profile("Grace", ""), before, Via::scim, named("g-1")},
                 person),
        recorded(OnboardingStepCompleted{OnboardingStep::profile}, person),
        recorded(OnboardingStepSkipped{OnboardingStep::tour}, person),
        recorded(InvitationRequested{spec::grace_address, "claim", Applicant{named("Grace"), {}}}, request,
                 {ActorKind::visitor, {}}),
        recorded(RequestApproved{InvitationId{spec::grace.uuid}}, request),
        recorded(RequestDismissed{}, request),
        recorded(PersonErased{"claim"}, {StreamKind::person, spec::linus.uuid}),
        recorded(PersonalDataDestroyed{{}, spec::grace}, person, {}),
        recorded(PasswordSet{spec::kept}, person),
        recorded(MemberSignedIn{spec::grace}, sign_ins_of(spec::grace), {ActorKind::member, spec::grace.uuid}),
        recorded(PasswordResetRequested{spec::grace}, recoveries_of(spec::grace), {ActorKind::visitor, {}}),
        recorded(ApiKeyCreated{key}, workspace),
        recorded(ApiKeyRevoked{key}, workspace),
        recorded(WebhookCreated{hook, {}}, workspace),
        recorded(WebhookChanged{hook, resting}, workspace),
        recorded(WebhookSecretRotated{hook, {}, {}, 86'400}, workspace),
        recorded(WebhookDisabled{resting, WebhookTrouble::failing}, workspace, {}),
        recorded(WebhookDeleted{resting}, workspace),
        recorded(MailSent{MailKind::invitation, spec::grace, {}, 3, 1}, mail, {}),
        recorded(MailFailed{MailKind::request, {}, spec::wish, 3, 2, "refused with 550 5.1.1", MailTrouble::refused},
                 mail, {}),
        recorded(WorkspaceDeleted{name, made<Slug>("spring")}, workspace, {ActorKind::operator_, {}}),
        recorded(WorkspaceErased{}, workspace, {}),
    };
}

std::string shown(const Plain& value) {
    if (std::holds_alternative<std::nullptr_t>(value)) return "null";
    if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
    if (std::holds_alternative<std::int64_t>(value)) return text_of(value);
    if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
        std::string text;
        for (const auto& each : *list) text += (text.empty() ? "\"" : ", \"") + each + "\"";
        return "[" + text + "]";
    }
    return "\"" + text_of(value) + "\"";
}

std::vector<std::string> fields(const Event& event) {
    std::vector<std::string> found;
    for (const auto& change : changes_of(event)) found.push_back(change.field);
    return found;
}

using Fields = std::vector<std::string>;

}  // namespace

TEST_CASE("what the audit says of every type of event") {
    std::string text;
    std::set<std::string> types;
    for (const auto& each : one_of_each()) {
        const auto type = event_type(each.event);
        const auto target = target_of(each);
        CHECK(is_event_type(type));
        CHECK(types.insert(type).second);
        text += type + " of " + target.kind + " " + target.id + "\n    " + summary_of(each, names) + "\n";
        for (const auto& change : changes_of(each.event))
            text += "    " + change.field + ": " + shown(change.from) + " -> " + shown(change.to) + "\n";
    }
    CHECK(types.size() == std::variant_size_v<EventTypes>);
    compare_golden("sentences.txt", text);
}

TEST_CASE("every type has a sentence in which nothing is left open, also of a blank event and where no name is known") {
    boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, EventTypes>>([](auto type) {
        using E = typename decltype(type)::type;
        for (const auto& stream : {stream_of(spec::spring), stream_of(spec::grace), stream_of(spec::robot)}) {
            const auto each = recorded(E{}, stream, {});
            INFO(type_name<E>());
            const auto sentence = summary_of(each, nobody);
            CHECK(sentence.size() > 10);
            CHECK(sentence.find_first_of("{}") == std::string::npos);
            CHECK(changes_of(each.event).empty());
            CHECK_FALSE(target_of(each).kind.empty());
        }
    });
    CHECK_FALSE(is_event_type("MemberInvited"));
    CHECK_FALSE(is_event_type(""));
}

TEST_CASE("where no name is known the id stands; a name with braces is only a name") {
    const auto each = recorded(MemberDeactivated{}, stream_of(spec::grace), {ActorKind::api_key, spec::linus.uuid});
    CHECK(summary_of(each, nobody) ==
          "The API key key_" + base32(spec::linus.uuid) + " deactivated " + spec::grace.text());
    const Names braces{[](const Actor&) { return std::string("{target}"); },
                       [](const Target&) { return std::string("{role}"); }};
    CHECK(summary_of(each, braces) == "The API key {target} deactivated {role}");
}

TEST_CASE("changes of personal fields are shown only while they are not erased") {
    MemberChanged changed{profile("Grace", ""), profile("Hopper", ""), {}, {}};
    changed.to.role = spec::admin;
    CHECK(fields(changed) == Fields{"name", "role"});
    changed.from_profile = {};
    changed.to_profile = {};
    CHECK(fields(changed) == Fields{"role"});
    changed.to_profile = profile("Hopper", "");
    CHECK(fields(changed) == Fields{"role"});
}

TEST_CASE("changes of a licence are named by its key; one that came or went is named with its parts") {
    const Plan before{5, {}, {license("basic", 1), license("old", {})}};
    const Plan after{5, {}, {license("new", 2), license("basic", 3)}};
    CHECK(fields(PlanChanged{before, before}).empty());
    const auto changes = changes_of(PlanChanged{before, after});
    CHECK(changes.front() == Change{"licenses.basic.seats", std::int64_t{1}, std::int64_t{3}});
    CHECK(std::find(changes.begin(), changes.end(), Change{"licenses.new.seats", nullptr, std::int64_t{2}}) !=
          changes.end());
    CHECK(std::find(changes.begin(), changes.end(), Change{"licenses.old.name", std::string("old"), nullptr}) !=
          changes.end());
}

}  // namespace muster
