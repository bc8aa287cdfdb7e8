// An export that somebody has touched.
#include "api/audit_file.h"

#include "api/audit_lines.h"
#include "tests/api/fixture.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

namespace muster::test {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

// An export of four events, and the key that it is signed by; made once.
struct Exported {
    std::string text;
    Words lines;  // without their ends
    AuditKey key;

    static const Exported& one() {
        static const Exported made;
        return made;
    }

private:
    Exported() {
        Api api;
        api.team("Sales");
        api.team("Support");
        text = api.get("/audit/export").body;
        std::istringstream from(text);
        for (std::string line; std::getline(from, line);) lines.push_back(line);
        REQUIRE(lines.size() == 6);
        key = *read_audit_key(api.get("/v1/audit-key").body);
    }
};

std::string joined(const Words& lines) {
    std::string text;
    for (const auto& each : lines) text += each + "\n";
    return text;
}

AuditFileReport check(const std::string& text, bool with_key = true) {
    std::istringstream from(text);
    return check_audit_file(from, with_key ? std::optional(Exported::one().key) : std::nullopt, std::nullopt);
}

// "line 3 is missing …": the first fault.
std::string fault(const std::string& text, bool with_key = true) {
    auto report = check(text, with_key);
    return report.fault ? "line " + std::to_string(report.fault->line) + " " + report.fault->why : "none";
}

std::uint64_t line_of(const std::string& text, std::size_t at) {
    return static_cast<std::uint64_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n')) +
           1;
}

}  // namespace

TEST_CASE("whichever bit of an export is flipped, its line is named [N12]") {
    const auto& good = Exported::one().text;
    REQUIRE(fault(good) == "none");
    for (std::size_t at = 0; at < good.size(); ++at) {
        auto text = good;
        text[at] = static_cast<char>(text[at] ^ (1 << at % 7));
        auto report = check(text);
        INFO(at << " of " << good.size() << ": " << fault(text));
        REQUIRE(report.fault);
        REQUIRE(report.fault->line == line_of(good, at));
    }
}

TEST_CASE("without the key whatever stands above the head is still noticed") {
    const auto& exported = Exported::one();
    const auto above = exported.text.size() - exported.lines.back().size() - 1;
    for (std::size_t at = 0; at < above; at += 3) {
        auto text = exported.text;
        text[at] = static_cast<char>(text[at] ^ 1);
        INFO(at);
        REQUIRE(check(text, false).fault);
    }
}

TEST_CASE("a line that is missing, doubled or moved is named") {
    const auto& good = Exported::one().lines;
    SECTION("missing") {
        for (std::size_t gone = 0; gone + 1 < good.size(); ++gone) {
            auto lines = good;
            lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(gone));
            CHECK_THAT(fault(joined(lines)), StartsWith("line " + std::to_string(gone + 1) + " is missing or moved: "));
        }
    }
    SECTION("doubled") {
        for (std::size_t twice = 0; twice < good.size(); ++twice) {
            auto lines = good;
            lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(twice), good[twice]);
            CHECK_THAT(fault(joined(lines)), StartsWith("line " + std::to_string(twice + 2) + " "));
        }
    }
    SECTION("moved") {
        for (std::size_t first = 0; first + 1 < good.size(); ++first) {
            auto lines = good;
            std::swap(lines[first], lines[first + 1]);
            CHECK_THAT(fault(joined(lines)), StartsWith("line " + std::to_string(first + 1) + " is missing or moved: "));
        }
    }
    SECTION("put there") {
        auto lines = good;
        lines.push_back(good[2]);
        CHECK_THAT(fault(joined(lines)), StartsWith("line 7 stands behind the head"));
    }
}

TEST_CASE("an export that lost its end says so, wherever it was cut") {
    const auto& good = Exported::one().text;
    for (std::size_t size = 0; size < good.size(); size += 7) {
        auto text = good.substr(0, size);
        INFO(size);
        REQUIRE(fault(text) ==
                (size == 0 || text.ends_with('\n')
                     ? "line " + std::to_string(line_of(text, size)) + " is missing: the file ends without its head"
                     : "line " + std::to_string(line_of(text, size)) + " is cut off"));
    }
    CHECK(fault(good.substr(0, good.size() - 1)) == "line 6 is cut off");
}

TEST_CASE("lines that were made anew, seals and links and all, are signed by nobody we know") {
    const auto& good = Exported::one();
    // Another store's history of the same length, by itself without a fault.
    Api other;
    other.team("Sales");
    other.team("Fraud");
    auto forged = other.get("/audit/export").body;
    CHECK(fault(forged, false) == "none");
    CHECK_THAT(fault(forged), StartsWith("line 6 is not signed by the key that was given"));
    // The good head under it.
    forged.erase(forged.rfind('\n', forged.size() - 2) + 1);
    CHECK_THAT(fault(forged + good.lines.back() + "\n", false), StartsWith("line 6 is the head of other lines"));
}

TEST_CASE("what people read of a line is what its header says, whoever sealed it anew [N12]") {
    const auto& good = Exported::one();
    // Alters a line, and seals it and all behind it anew.
    auto forged = [&](const std::string& what, const std::string& by) {
        Digest seal{};
        std::string text;
        for (std::size_t i = 0; i + 1 < good.lines.size(); ++i) {
            auto line = good.lines[i].substr(0, good.lines[i].rfind(audit_lines::seal_member));
            if (i == 3) {
                REQUIRE_THAT(line, Contains(what));
                line.replace(line.find(what), what.size(), by);
            }
            seal = audit_lines::seal(seal, line);
            text += line + std::string(audit_lines::seal_member) + audit_lines::text(seal) +
                    std::string(audit_lines::line_end) + "\n";
        }
        return text + good.lines.back() + "\n";
    };
    CHECK(fault(forged(R"("type":"team_created")", R"("type":"team_deleted")"), false) ==
          "line 4 says another type than its header");
    CHECK(fault(forged(R"("kind":"operator")", R"("kind":"system")"), false) ==
          "line 4 says another actor than its header");
    CHECK(fault(forged(R"("position":null)", R"("position":1)"), false) == "line 4 says another cause than its header");
    // Words are not in the header: without the key, only the head's seal shows it.
    CHECK_THAT(fault(forged("created the team", "deleted the team"), false),
               StartsWith("line 6 is the head of other lines"));
}

// An export without its first events that says to begin at the beginning, sealed anew: by links alone it joins.
TEST_CASE("an export whose beginning was cut off does not pass for one from the beginning, without the key either") {
    const auto& good = Exported::one();
    const auto second = nlohmann::json::parse(good.lines[2]);
    auto cut_to = [&](std::uint64_t after) {
        Digest seal{};
        std::string text;
        auto add = [&](std::string part) {
            seal = audit_lines::seal(seal, part);
            text += part + std::string(audit_lines::seal_member) + audit_lines::text(seal) +
                    std::string(audit_lines::line_end) + "\n";
        };
        auto first = nlohmann::ordered_json::parse(good.lines[0]);
        first["export"]["after"] = after;
        first["export"]["link"] = second["link"];
        first.erase("seal");
        auto part = first.dump();
        add(part.substr(0, part.size() - 1));
        for (std::size_t i = 3; i + 1 < good.lines.size(); ++i) {
            auto line = good.lines[i].substr(0, good.lines[i].rfind(audit_lines::seal_member));
            const auto said = "\"line\":" + std::to_string(i + 1);
            add(line.replace(line.find(said), said.size(), "\"line\":" + std::to_string(i - 1)));
        }
        auto last = good.lines.back();
        auto put = [&](const std::string& what, const std::string& by) {
            REQUIRE(last.contains(what));
            last.replace(last.find(what), what.size(), by);
        };
        put(R"("line":6)", R"("line":4)");
        put(R"("events":4)", R"("events":2)");
        const auto sealed = nlohmann::json::parse(good.lines.back())["head"]["seal"].get<std::string>();
        put(sealed, audit_lines::text(seal));
        return text + last + "\n";
    };
    CHECK_THAT(fault(cut_to(0), false), StartsWith("line 1 begins behind nothing and behind an event at once"));
    const auto behind = second["position"].get<std::uint64_t>();
    CHECK(fault(cut_to(behind), false) == "none");
    CHECK_THAT(fault(cut_to(behind)), StartsWith("line 4 is not signed by the key"));
}

TEST_CASE("a key of another number is told apart from a bad signature") {
    auto key = Exported::one().key;
    key.id = 2;
    std::istringstream from(Exported::one().text);
    CHECK(check_audit_file(from, key, {}).fault->why == "is signed by key 1, and the one given is key 2");
}

TEST_CASE("what is no export is no export") {
    CHECK(fault("") == "line 1 is missing: the file ends without its head");
    CHECK_THAT(fault("hello\n"), StartsWith("line 1 is no JSON"));
    CHECK_THAT(fault("position,at,type\r\n"), StartsWith("line 1 is of a CSV, which is for people"));
    CHECK(fault("{}\n") == "line 1 has no member `line`");
    CHECK(fault("{\"line\":1}\n") == "line 1 has no member `export`");
    CHECK(fault("{\"line\":1,\"export\":{\"format\":2}}\n") ==
          "line 1 is of another format than this program knows: use a newer one");
    CHECK_FALSE(read_audit_key("{}"));
    CHECK_FALSE(read_audit_key(R"({"algorithm":"RSA","id":1,"public_key":""})"));
    CHECK(read_audit_key(audit_key_json(Exported::one().key))->public_key == Exported::one().key.public_key);
}

TEST_CASE("a head is kept as a line of text, or as the export that ends with it") {
    std::istringstream text(Exported::one().text);
    auto head = read_audit_head(text);
    REQUIRE(head);
    CHECK(head->position == 4);
    std::istringstream line("unbroken: …\nhead: " + text_of(*head) + "\n");
    CHECK(read_audit_head(line) == head);
    for (const char* none : {"", "head: 4 abc\n", "head: ws_x 4 abc\n", "{\"line\":6,\"head\":{}}\n"}) {
        std::istringstream from(none);
        CHECK_FALSE(read_audit_head(from));
    }
}

}  // namespace muster::test
