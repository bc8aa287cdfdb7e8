// The route table. A new command is a row here, beside its header and source in domain/ and its test.
#include "api/accept.h"
#include "api/access_body.h"
#include "api/auth/api_keys.h"
#include "api/auth/login.h"
#include "api/auth/me.h"
#include "api/batch.h"
#include "api/imports/handlers.h"
#include "api/parameters.h"
#include "api/queries.h"
#include "api/requests.h"
#include "api/route_rows.h"
#include "api/undo.h"
#include "api/webhooks/handlers.h"
#include "api/workspaces.h"
#include "domain/credentials.h"
#include "domain/erasure.h"
#include "domain/onboarding.h"
#include "domain/workspace_deletion.h"

namespace muster {
namespace routing {
namespace {

#define WS "/v1/workspaces/{ws}"

constexpr Route table[] = {
    // ---- Service.
    health(query("/livez", needs::nobody, "livez", queries::livez, "Status", "Whether the process is alive")),
    health(query("/readyz", needs::nobody, "readyz", queries::readyz, "Status",
                 "Whether it can serve; ?verbose says why not", &body_schema<ReadyParameters>)),
    health(query("/metrics", needs::nobody, "metrics", queries::metrics, "text", "Figures for Prometheus")),
    query("/openapi.json", needs::nobody, "openapi", queries::openapi, "json", "This document"),
    query("/docs", needs::nobody, "docs", queries::docs, "html", "A readable reference"),

    // ---- Workspaces, plan, seats.
    special<NewWorkspace>("POST", "/v1/workspaces", needs::operator_key, "CreateWorkspace", 201, true, create_workspace,
                          "WorkspaceWithOwner", "Make a workspace with its first admin"),
    query("/v1/workspaces", needs::operator_key, "workspaces", queries::workspaces, "Workspace[]", "All workspaces",
          &body_schema<ListParameters>),
    query(WS, needs::nothing, "workspace", queries::workspace, "Workspace", "One workspace"),
    command<RenameWorkspace, shapes::workspace>("PATCH", WS, settings, 200, "Workspace", "Change name or slug"),
    note("Nobody can sign in to it any more, and every id of it answers 410 `workspace_deleted`; the slug can be taken "
         "again. The answer comes once the data of all its people is destroyed. Of a very large workspace that takes "
         "minutes, and goes on whatever becomes of the request: the same request again waits for the rest.",
         erases(removal<DeleteWorkspace, shapes::deleted_workspace>(
             WS, needs::operator_key, "Deleted", "Delete a workspace for good, and destroy the data of its people"))),
    query(WS "/settings", settings, "settings", queries::settings, "Settings", "The settings"),
    command<ChangeSettings, shapes::settings>("PATCH", WS "/settings", settings, 200, "Settings", "Change settings"),
    query(WS "/plan", plans, "plan", queries::plan, "Plan", "The plan, as PUT takes it"),
    barred(plan_out_of_reach, command<ChangePlan, shapes::plan>("PUT", WS "/plan", plans, 200, "Plan",
                                                                "Put the plan: user limit, trial, licences")),
    note("Counting how it stood takes as long as there are people.",
         as_of(query(WS "/seats", reads, "seats", queries::seats, "Seats",
                     "How many seats of each pool are taken and remain", &body_schema<SeatsParameters>))),
    note(
        "`pool` is `users` or a licence's key. A seat is `assigned` to a member or `reserved` by a pending invitation, "
        "since the event at that position; accepting keeps both. In the order of ids.",
        query(WS "/seats/{pool}/holders", reads, "seatHolders", queries::seat_holders, "SeatHolder[]",
              "Who holds each seat of a pool", &body_schema<ListParameters>)),
    note("Each pending invitation frees its seat when it expires, unless it is accepted or sent again before. Of "
         "`users` "
         "the end of a running trial is an item of kind `trial_end`, which frees none: from then on the user limit "
         "binds. Soonest first.",
         query(WS "/seats/{pool}/forecast", reads, "seatForecast", queries::seat_forecast, "SeatForecast[]",
               "When seats of a pool come free by themselves", &body_schema<ListParameters>)),

    // ---- Catalogue.
    as_of(query(WS "/roles", reads, "roles", queries::roles, "Role[]", "The roles", &body_schema<CatalogParameters>)),
    command<DefineRole, shapes::role>("POST", WS "/roles", catalog, 201, "Role", "Define a role"),
    query(WS "/roles/{key}", reads, "role", queries::role, "Role", "One role"),
    command<ChangeRole, shapes::role>("PATCH", WS "/roles/{key}", catalog, 200, "Role", "Change a role"),
    removal<RemoveRole, shapes::removed>(WS "/roles/{key}", catalog, "Removed", "Remove a role that nobody has"),
    query(WS "/permissions", reads, "permissions", queries::permissions, "Permission[]",
          "The workspace's own permissions", &body_schema<ListParameters>),
    command<DefinePermission, shapes::permission>("POST", WS "/permissions", catalog, 201, "Permission",
                                                  "Define a permission"),
    command<ChangePermission, shapes::permission>("PATCH", WS "/permissions/{key}", catalog, 200, "Permission",
                                                  "Change a permission's name or description; who has it keeps it"),
    removal<RemovePermission, shapes::removed>(WS "/permissions/{key}", catalog, "Removed",
                                               "Remove a permission from everybody"),
    note("Counting members as they stood takes as long as there are people.",
         as_of(query(WS "/teams", reads, "teams", queries::teams, "Team[]", "The teams",
                     &body_schema<CatalogParameters>))),
    command<CreateTeam, shapes::team>("POST", WS "/teams", catalog, 201, "Team", "Create a team"),
    query(WS "/teams/{id}", reads, "team", queries::team, "Team", "One team"),
    command<RenameTeam, shapes::team>("PATCH", WS "/teams/{id}", catalog, 200, "Team", "Rename a team"),
    removal<DeleteTeam, shapes::removed>(WS "/teams/{id}", catalog, "Removed",
                                         "Delete a team; its people stay, without it"),
    query(WS "/resources", needs::nothing, "resources", queries::resources, "Resource[]",
          "What members can be assigned to", &body_schema<ResourceParameters>),
    command<RegisterResource, shapes::resource>("POST", WS "/resources", catalog, 201, "Resource",
                                                "Register a resource"),
    query(WS "/resources/{id}", needs::nothing, "resource", queries::resource, "Resource", "One resource"),
    command<ChangeResource, shapes::resource>("PATCH", WS "/resources/{id}", catalog, 200, "Resource",
                                              "Change a resource"),
    removal<RemoveResource, shapes::removed>(WS "/resources/{id}", catalog, "Removed", "Remove a resource"),

    // ---- Invitations.
    command<InviteMember, shapes::invitation_with_link>("POST", WS "/invitations", invites, 201, "InvitationWithLink",
                                                        "Invite somebody"),
    note("The other fields are for `emails`; each of `invitations` has its own. At most 10,000 rows, with "
         "`all_or_nothing` 1,000. A row tells at most 20 faults.",
         large(special<InvitationBatch>("POST", WS "/invitations:batch", invites, "InviteBatch", 200, true,
                                        invite_batch, "BatchResult", "Invite many"))),
    note("With `as_of`, `status` alone filters, and an invitation that was past its expires_at is expired.",
         as_of(query(WS "/invitations", reads, "invitations", queries::invitations, "Invitation[]",
                     "Invitations, newest first", &body_schema<InvitationParameters>))),
    note("`kept` has who stays and why: the code that revoking that one alone is refused with "
         "(`invitation_accepted`, `invitation_revoked`, `member_deleted`, `role_above_own`). An import that is still "
         "being sent: 409 `import_sent`. A batch that invited nobody: 404. Cut off, the same request with the same "
         "Idempotency-Key goes on; without one, another undo does the rest.",
         special<UndoBatch>("POST", WS "/batches/{id}/undo", invites, "UndoBatch", 200, true, undo_batch, "Undone",
                            "Revoke those of a batch or an import that nobody accepted yet")),
    query(WS "/invitations/{id}", reads, "invitation", queries::invitation, "Invitation", "One invitation"),
    query(WS "/invitations/{id}/link", invites, "invitationLink", invitation_link, "Link",
          "The link of a pending invitation"),
    command<EditInvitation, shapes::invitation>("PATCH", WS "/invitations/{id}", invites, 200, "Invitation",
                                                "Edit a pending invitation; the link stays"),
    command<ResendInvitation, shapes::resent>("POST", WS "/invitations/{id}/resend", invites, 200, "InvitationResent",
                                              "Send it again; an expired one becomes good again"),
    urgent(command<RevokeInvitation, shapes::invitation>("POST", WS "/invitations/{id}/revoke", invites, 200,
                                                         "Invitation", "Revoke it; its seats are free at once")),
    special<InspectLink>("POST", "/v1/invitations/inspect", needs::nobody, "inspectInvitation", 200, false,
                         inspect_invitation, "InvitationForInvitee", "What a link invites to; changes nothing"),
    note("Whoever accepted before and comes with their password is answered the same member and a new session; a dry "
         "run asks for no password, and says 409 `invitation_accepted`.",
         special<AcceptLink>("POST", "/v1/invitations/accept", needs::nobody, "AcceptInvitation", 201, true,
                             accept_invitation, "Accepted", "Accept an invitation")),

    // ---- Imports.
    query(WS "/imports/template.csv", invites, "importTemplate", import_template, "csv",
          "The header line of a file to fill in", &body_schema<TemplateParameters>),
    note("A header is known in any case and order, with or without space, `-` and `_`. Nothing is sent. A replay shows "
         "the rows only while they are as they were. Several teams or add-ons stand in a cell with `;`, `,` or line "
         "breaks between. At most 20 MiB, 50,000 rows, 100 columns, 8,192 bytes a cell, 100 names in a cell, and 32 "
         "MiB of text in all; of an XLSX file 64 MiB inflated, and no larger part over 200 times its packed size. A "
         "row tells at most 10 issues, and then how many more. A workspace keeps at most 100 imports, each 7 days.",
         takes_sheet(without_body(
             special<ImportCorrections>("POST", WS "/imports", invites, "CreateImport", 201, true, create_import,
                                        "Import", "Upload a file of people and see what would come of it")))),
    query(WS "/imports/{id}", invites, "import", show_import, "Import",
          "An import: its preview, or how far its sending has come; `rows=none` leaves the rows out",
          &body_schema<ImportParameters>),
    note("An import that is being sent or was: 409 `import_sent`.",
         large(special<ImportCorrections>("PATCH", WS "/imports/{id}", invites, "CorrectImport", 200, true,
                                          correct_import, "Import",
                                          "Correct rows, named by their line, and check the whole preview again"))),
    note("While it is being sent: 409 `import_sent`. What it has sent stays sent.",
         without_body(special<ImportCorrections>("DELETE", WS "/imports/{id}", invites, "DeleteImport", 200, true,
                                                 delete_import, "Removed", "Forget an import"))),
    note("Rows that had issues are looked at again. With issues: 409 `import_has_issues`, unless `skip_invalid`; then "
         "they count as failed. One that is being sent or was, sent again: how it stands; nobody is invited twice.",
         special<SendImport>("POST", WS "/imports/{id}/send", invites, "SendImport", 202, true, send_import, "Import",
                             "Send the invitations of its valid rows")),

    // ---- Members.
    note("With `as_of`, `status` alone filters.",
         as_of(query(WS "/members", reads, "members", queries::members, "Member[]",
                     "Members: filtered, searched, sorted", &body_schema<MemberParameters>))),
    needs_also(manages,
               command<CreateMember, shapes::created_member>("POST", WS "/members", invites, 201, "MemberCreated",
                                                             "Create a member who is active at once")),
    query(WS "/members/{id}", reads, "member", queries::member, "Member", "One member"),
    command<ChangeMember, shapes::member>("PATCH", WS "/members/{id}", manages, 200, "Member", "Change a member"),
    urgent(command<DeactivateMember, shapes::member>("POST", WS "/members/{id}/deactivate", manages, 200, "Member",
                                                     "Lock a member out; their seats are free, their data is kept")),
    command<ReactivateMember, shapes::member>("POST", WS "/members/{id}/reactivate", manages, 200, "Member",
                                              "Let a deactivated member in again"),
    command<SetPassword, shapes::member>("PUT", WS "/members/{id}/password", manages, 200, "Member",
                                         "Set a member's password; their sessions end"),
    erases(removal<DeleteMember, shapes::deleted_member>(WS "/members/{id}", deletes, "Deleted",
                                                         "Delete a member for good, and destroy their data")),
    note("People are told apart by their addresses. `external_id` is kept with the event that let them in, for who "
         "looks there; nobody is found by it, and of who is a member already nothing is changed.",
         or_200(with_if_match(
             command<ProvisionMember, shapes::member>("POST", WS "/members:provision", provisions, 201, "Member",
                                                      "Let somebody in whom the identity provider vouches for")))),
    note(
        "`muster.personal_data_destroyed` names the invitations and requests, for whoever keeps what the feed told of "
        "them. Members are deleted.",
        erases(without_if_match(command<ErasePerson, shapes::erased>(
            "POST", WS "/people:erase", deletes, 200, "Erased", "Destroy what is left of somebody who is no member")))),
    query(WS "/members.csv", reads, "membersFile", queries::members_file, "csv",
          "The members that the list's filters let through, as a file", &body_schema<MembersFileParameters>),
    query(WS "/people", reads, "people", queries::people, "Person[]",
          "Members and open invitations in one list, newest first", &body_schema<PeopleParameters>),
    or_own(query(WS "/members/{id}/history", audits, "memberHistory", queries::member_history, "AuditEntry[]",
                 "What happened to one person, newest first, also to who was deleted", &body_schema<ListParameters>)),
    or_own(query(WS "/members/{id}/access", reads, "memberAccess", queries::member_access, "MemberAccess",
                 "What a member may, and what gives it")),
    or_own(special<AccessBody>("POST", WS "/access:check", reads, "checkAccess", 200, false, queries::access_check,
                               "AccessVerdict", "Whether a member may do that, and why")),

    // ---- Invitation requests.
    query(WS "/sign-in", needs::nobody, "signInPage", queries::sign_in_page, "SignInPage", "For the sign-in page"),
    special<RequestInvitation>("POST", WS "/invitation-requests", needs::nobody, "requestInvitation", 202, false,
                               request_invitation, "Received",
                               "Ask for an invitation; the answer is the same for every address"),
    query(WS "/invitation-requests", requests, "invitationRequests", queries::invitation_requests,
          "InvitationRequest[]", "Requests, the newest first; the open ones unless `status` says otherwise",
          &body_schema<RequestParameters>),
    or_200(command<ApproveRequest, shapes::invitation_with_link>(
        "POST", WS "/invitation-requests/{id}/approve", requests, 201, "InvitationWithLink",
        "Invite whoever asked; again: 200 and the same invitation")),
    without_if_match(command<DismissRequest, shapes::request>("POST", WS "/invitation-requests/{id}/dismiss", requests,
                                                              200, "InvitationRequest",
                                                              "Put it aside; nobody's membership changes")),

    // ---- Sign-in.
    note("A member has at most 100 sessions: a further one ends the one that was used the longest ago. So it is for "
         "every way to a session.",
         special<LoginBody>("POST", "/v1/auth/login", needs::nobody, "login", 200, false, login, "LoggedIn",
                            "Sign in with a password; `cookie: true` keeps the session in the console's cookie")),
    without_body(special<ForgotBody>("POST", "/v1/auth/logout", needs::member, "logout", 200, false, logout, "Status",
                                     "End the session that asks")),
    special<ForgotBody>("POST", "/v1/auth/password/forgot", needs::nobody, "forgotPassword", 202, false,
                        forgot_password, "Received",
                        "Have a link mailed to choose another password; the answer is the same for every address"),
    special<ResetPassword>("POST", "/v1/auth/password/reset", needs::nobody, "resetPassword", 200, false,
                           reset_password, "PasswordReset", "Choose a password by a welcome or reset link"),
    query("/v1/me", needs::member, "me", me, "Me", "The member who is signed in"),
    command<ChangeOwnProfile, shapes::me>("PATCH", "/v1/me", needs::member, 200, "Me", "Change one's own profile"),
    with_if_match(special<ChangeOwnPassword>(
        "PUT", "/v1/me/password", needs::member, "ChangeOwnPassword", 200, true, change_own_password, "MeWithSession",
        "Change one's own password; all sessions end, and the answer has a new one")),
    command<ProgressOnboarding, shapes::me>("PUT", "/v1/me/onboarding", needs::member, 200, "Me",
                                            "Complete a step of the onboarding, skip the tour, or both in this order"),
    query("/v1/me/sessions", needs::member, "ownSessions", own_sessions, "Session[]",
          "One's sessions, the last used first", &body_schema<ListParameters>),
    without_body(special<ForgotBody>("DELETE", "/v1/me/sessions", needs::member, "endOwnSessions", 200, false,
                                     end_own_sessions, "Removed", "End all of one's sessions, this one too")),
    without_body(special<ForgotBody>("DELETE", "/v1/me/sessions/{id}", needs::member, "endOwnSession", 200, false,
                                     end_own_session, "Removed", "End one session")),
    query(WS "/api-keys", keys, "apiKeys", api_keys, "ApiKey[]", "The API keys, without their secrets",
          &body_schema<ListParameters>),
    note("It dies with its maker's deactivation, for good, and is listed until it is revoked. One of the operator "
         "depends on nobody.",
         special<CreateApiKey>("POST", WS "/api-keys", keys, "CreateApiKey", 201, true, create_api_key,
                               "ApiKeyWithSecret", "Make an API key; its secret is shown once, and null in a replay")),
    urgent(without_if_match(removal<RevokeApiKey, shapes::removed>(WS "/api-keys/{id}", keys, "Removed",
                                                                   "Revoke an API key; it is dead at once"))),

    // ---- Audit.
    note(
        "`q`: every word begins some word of the sentence, a name, an address, or an old or new value. `actor`: ids of "
        "members, invitations or API keys, `operator`, `system`. `member`: whom it concerns. `type`: as the types of "
        "`Event`, with or without `muster.`. `from` is within, `to` is not. People have the names that they "
        "had then.",
        query(WS "/audit", audits, "audit", queries::audit, "AuditEntry[]", "What happened, newest first",
              &body_schema<AuditParameters>)),
    note("NDJSON can be checked line by line, with nothing but the key of `GET /v1/audit-key`; `muster audit verify` "
         "does. "
         "The first line has the link before it, the last one is a signed head. `from` is within, `to` is not. An "
         "answer "
         "that breaks off is not whole.",
         query(WS "/audit/export", audits, "auditExport", queries::audit_export, "audit file",
               "The whole audit, oldest first, streamed", &body_schema<AuditExportParameters>)),
    query("/v1/audit-key", needs::nobody, "auditKey", queries::audit_key, "AuditKey",
          "The public key that exports of the audit are signed by"),
    note(
        "Events behind the position `after`, from the first one by default, then those that happen, until the caller "
        "may not read them any more. Each has its position as its id; after a break go on with Last-Event-ID, and "
        "nothing is lost or comes twice. A comment every 15 seconds says that the connection lives. `data` has the "
        "event's fields in their newest shape, to which only more are added; personal ones are null once the person is "
        "erased. Where the workspace is deleted, `muster.workspace_deleted` is the last event, and the feed ends. "
        "Where "
        "the data was restored from a backup, an id from behind the restore names another event than before: forget "
        "what came behind the position that the restore printed, and go on with `after` that position.",
        query(WS "/events", audits, "events", queries::events, "events",
              "Events as server-sent events, each a CloudEvent 1.0 in JSON", &body_schema<EventsParameters>)),
    note(
        "`from` and `to` are times (RFC 3339) or positions of the log, `to` is now where it is left out. What came and "
        "went in between is not told; the audit does. Each thing with its fields: of what was added from null, of what "
        "was removed to null. An invitation counts as expired from when that was recorded; sign-ins and the fates of "
        "mails are no changes. Where a team, permission or resource was removed, everybody who had it is among the "
        "people. `seats` says how many more or fewer are taken. Over 100,000 events of the workspace in between, or "
        "people who differ by what was removed: 422 `range_too_large`; it takes as long as these are many, and where "
        "something was removed as long as there are people.",
        query(WS "/diff", audits, "diff", queries::diff, "Difference",
              "What differs between two moments: people, roles, permissions, teams, resources, plan, settings, seats",
              &body_schema<DiffParameters>)),
    query(WS "/audit/verify", audits, "auditVerify", queries::audit_verify, "AuditProof",
          "Compute the workspace's chain anew"),

    // ---- Webhooks.
    query(WS "/webhooks", hooks, "webhooks", webhooks_list, "Webhook[]", "The webhooks, without their secrets",
          &body_schema<ListParameters>),
    note(
        "Every event that happens from then on is POSTed as a CloudEvent (1.0, JSON), in the log's order and at least "
        "once, signed as Standard Webhooks says (webhook-id, webhook-timestamp, webhook-signature): drop repeats by "
        "webhook-id, which is the event's id in every attempt. `events` chooses from the types of `Event`, such "
        "as `muster.member_invited`; none is all, those to come too. Whoever has this permission may have all personal "
        "data of the workspace sent, whatever else they may; a webhook outlives its maker's membership. The URL is "
        "https, resolves to public addresses only, and is not redirected; 2xx within 15 seconds is taken. Else it is "
        "tried again for three days, with pauses of 5 seconds that double up to 4 hours, each at random between a "
        "half of that and the whole, while the events behind it wait; then the "
        "delivery has failed, and the webhook is disabled (`disabled_for: failing`). 410 disables it at once "
        "(`gone`). A `Retry-After` that is longer than the pause is heeded, up to 4 hours. Where the workspace is "
        "deleted, `muster.workspace_deleted` is the last event, for those that chose it; it is tried for three days, "
        "as all are, and then "
        "the secrets are gone. A workspace has at most 20. `secret` is shown once, and null in a replay.",
        special<CreateWebhook>("POST", WS "/webhooks", hooks, "CreateWebhook", 201, true, create_webhook,
                               "WebhookWithSecret", "Have events sent to a URL as they happen")),
    query(WS "/webhooks/{id}", hooks, "webhook", webhook, "Webhook", "One webhook"),
    note("Enabled again, it goes on where it stood: what happened meanwhile is sent too. With another URL, or enabled, "
         "what waits is tried at once; of what waits it is sent what it wants then.",
         command<ChangeWebhook, shapes::webhook>("PATCH", WS "/webhooks/{id}", hooks, 200, "Webhook",
                                                 "Change a webhook's URL or events, or enable or disable it")),
    removal<DeleteWebhook, shapes::removed>(WS "/webhooks/{id}", hooks, "Removed",
                                            "Delete a webhook; what waits for it is not sent"),
    note("Both secrets sign (two signatures in the header, the new one first) for `overlap_seconds`, 0 to 604800, by "
         "default a day; a third one ends at once. `secret` is shown once, and null in a replay.",
         with_if_match(special<RotateWebhookSecret>("POST", WS "/webhooks/{id}/rotate-secret", hooks,
                                                    "RotateWebhookSecret", 200, true, rotate_webhook_secret,
                                                    "WebhookWithSecret", "Give a webhook another secret"))),
    note("Of those that are over the newest 1,000 are kept; of those that wait the next 1,000 are shown.",
         query(WS "/webhooks/{id}/deliveries", hooks, "webhookDeliveries", webhook_deliveries, "Delivery[]",
               "What was sent to a webhook and what waits, the newest event first", &body_schema<DeliveryParameters>)),
    note("One attempt, soon, also where it was delivered or the webhook is disabled; with the same webhook-id, and the "
         "event as it is now. What waits for others is sent before its turn; where it is taken, not again.",
         without_body(special<DeleteWebhook>("POST", WS "/webhooks/{id}/deliveries/{delivery}/retry", hooks,
                                             "retryDelivery", 200, false, retry_delivery, "Delivery",
                                             "Send an event again"))),
    note(
        "An event of type `muster.test` without data, which is in no log; sent also where the webhook is disabled. "
        "What comes of it changes nothing of the webhook, a 410 neither. A few of a workspace wait at once.",
        without_body(special<DeleteWebhook>("POST", WS "/webhooks/{id}/test", hooks, "testWebhook", 200, false,
                                            test_webhook, "WebhookTest", "Send a test now, and see what comes of it"))),
};

#undef WS

}  // namespace
}  // namespace routing

std::span<const Route> routes() { return routing::table; }

}  // namespace muster
