#include "api/batch_rows.h"

#include "api/commands.h"
#include "api/json/limits.h"

#include <nlohmann/json.hpp>

#include <set>
#include <utility>

namespace muster {
namespace {

std::vector<std::string> split_list(const std::string& text) {
    std::vector<std::string> parts;
    std::string part;
    for (char c : text + ",") {
        bool between = c == ',' || c == ';' || c == ' ' || c == '\n' || c == '\r' || c == '\t';
        if (!between) part += c;
        if (between && !part.empty()) parts.push_back(std::exchange(part, {}));
    }
    return parts;
}

std::string given_email(const nlohmann::json& row) {
    auto email = row.is_object() ? row.find("email") : row.end();
    return row.is_object() && email != row.end() && email->is_string() ? email->get<std::string>() : std::string();
}

// Each row is read on its own, so that one bad row does not hide the others.
void read_rows(const nlohmann::json& body, Batch& batch, const Unicode& unicode) {
    for (const auto& each : body.at("invitations")) {
        Faults faults(limits::row_faults);
        BatchedRow row;
        row.email = given_email(each);
        read(each, row.invite, faults, Place::body(), unicode);
        row.faults = faults.all();
        batch.rows.push_back(std::move(row));
    }
}

void rows_from_list(const InvitationBatch& body, Batch& batch, const Unicode& unicode) {
    for (const auto& text : split_list(*body.emails)) {
        BatchedRow row;
        row.email = text;
        auto email = EmailAddress::parse(text, unicode);
        if (email)
            row.invite.email = *email;
        else
            row.faults.push_back({"/email", email.error().code, email.error().detail, {}});
        row.invite.name = body.name;
        row.invite.job_title = body.job_title;
        row.invite.role = body.role;
        row.invite.license = body.license;
        row.invite.add_ons = body.add_ons;
        row.invite.teams = body.teams;
        row.invite.permissions = body.permissions;
        row.invite.resources = body.resources;
        row.invite.ttl = body.ttl;
        row.invite.send_email = body.send_email;
        batch.rows.push_back(std::move(row));
    }
}

// Each row of `invitations` has its own: what stands beside them would count for none.
std::vector<Fault> only_with_emails(const nlohmann::json& body) {
    std::vector<Fault> faults;
    for (auto name : field_names_of<InvitationBatch>)
        if (name != "invitations" && name != "emails" && name != "mode" && body.contains(name))
            faults.push_back({"/" + std::string(name),
                              Code::unknown_field,
                              "It is taken only with `emails`; here each invitation has its own.",
                              {}});
    return faults;
}

// Of equal addresses the first counts, whatever else is wrong with it.
void mark_duplicates(Batch& batch) {
    std::set<std::string> seen;
    for (auto& row : batch.rows)
        if (const auto& email = row.invite.email.canonical(); !email.empty() && !seen.insert(email).second)
            row.faults.push_back({"/email", Code::duplicate_in_batch, "This address stands earlier in the batch.", {}});
}

}  // namespace

std::optional<Batch> read_batch(const Call& call, Faults& faults) {
    Batch batch;
    bool read_whole = read_body(call, faults, [&](const nlohmann::json& json) {
        InvitationBatch body;
        auto rest = json;
        bool list = rest.is_object() && rest.contains("invitations") && rest["invitations"].is_array();
        if (list) rest["invitations"] = nlohmann::json::array();
        read(rest, body, faults, Place::body(), call.service.unicode);
        batch.mode = body.mode;
        if (list) faults.merge(only_with_emails(json));
        auto most = body.mode == BatchMode::best_effort ? limits::batch_rows : limits::batch_rows_all_or_nothing;
        auto count = list ? json["invitations"].size() : body.emails ? split_list(*body.emails).size() : 0;
        batch.same_for_all = !list;
        if (list == body.emails.has_value())
            return faults.merge({{"/invitations", Code::required, "Give either `invitations` or `emails`.", {}}});
        if (count > most)
            return faults.add({list ? "/invitations" : "/emails",
                               Code::too_many_rows,
                               "At most " + std::to_string(most) + " rows.",
                               {{"limit", static_cast<std::int64_t>(most)}}});
        if (list)
            read_rows(json, batch, call.service.unicode);
        else
            rows_from_list(body, batch, call.service.unicode);
    });
    if (!read_whole) return std::nullopt;
    mark_duplicates(batch);
    return batch;
}

}  // namespace muster
