#include "api/json/parse.h"
#include "api/json/read.h"
#include "api/json/write.h"
#include "api/text/unicode.h"
#include "domain/membership.h"
#include "domain/request.h"
#include "domain/resource.h"
#include "domain/workspace.h"
#include "tests/fuzz/targets.h"

#include <nlohmann/json.hpp>

namespace muster::fuzz {
namespace {

template <class Asked>
Asked read_as(const nlohmann::json& body, Faults& faults) {
    Asked asked;
    read(body, asked, faults, Place::body(), icu_unicode());
    for (const auto& each : faults.all())
        must(each.pointer.empty() || each.pointer.front() == '/', "a fault without its place");
    return asked;
}

template <class Asked>
std::string written(const Asked& asked) {
    std::string text;
    write_json(text, asked);
    return text;
}

// What was read without a fault is the same when it is written and read again.
template <class Asked>
void there_and_back(const nlohmann::json& body) {
    Faults faults;
    const auto asked = read_as<Asked>(body, faults);
    if (!faults.empty()) return;
    const auto text = written(asked);
    const auto again = parse_json(text, faults);
    must(again.has_value(), "what was written is no JSON");
    const auto same = read_as<Asked>(*again, faults);
    must(faults.empty(), "what was read has faults when it comes back");
    must(written(same) == text, "what was read is another one when it comes back");
}

template <class Asked>
void there(const nlohmann::json& body) {
    Faults faults;
    read_as<Asked>(body, faults);
}

}  // namespace

void json(std::string_view bytes) {
    Faults faults;
    const auto body = parse_json(bytes, faults);
    if (!body) {
        must(!body.error().detail.empty(), "no reason");
        return;
    }
    there_and_back<InviteMember>(*body);
    there_and_back<ChangePlan>(*body);
    there_and_back<DefineRole>(*body);
    there_and_back<CreateWorkspace>(*body);
    there<EditInvitation>(*body);
    there<ChangeMember>(*body);
    there<ChangeSettings>(*body);
    there<AcceptInvitation>(*body);
}

}  // namespace muster::fuzz
