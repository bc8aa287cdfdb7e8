// Which folder may include what: the table of the architecture, as a test. An arrow that runs the other way couples
// what was meant to be apart; a heavy header outside its place costs every build seconds.
#include "tests/house/source_tree.h"
#include "tests/places.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

namespace muster::house {
namespace {

using Names = std::vector<std::string_view>;

struct Include {
    std::string_view name;
    bool quoted = false;
};

std::optional<Include> include_of(std::string_view line) {
    const auto skip_spaces = [&line] { line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size())); };
    const auto skip = [&](std::string_view word) {
        skip_spaces();
        if (!line.starts_with(word)) return false;
        line.remove_prefix(word.size());
        skip_spaces();
        return true;
    };
    if (!skip("#") || !skip("include") || line.empty() || (line[0] != '"' && line[0] != '<')) return std::nullopt;
    const bool quoted = line[0] == '"';
    const std::size_t end = line.find(quoted ? '"' : '>', 1);
    if (end == std::string_view::npos) return std::nullopt;
    return Include{line.substr(1, end - 1), quoted};
}

// A folder, the folders whose headers it may include, and the libraries beside the C++ standard library; "*" is all.
struct Layer {
    std::string_view folder;
    Names folders;
    Names libraries;
    Include planted;  // Must be refused.
};

const Names reflection{"boost/describe", "boost/mp11", "boost/pfr"};
const std::vector<Layer> layers{
    {"domain", {"domain"}, reflection, {"eventstore/table.h", true}},
    {"eventstore",
     {"eventstore", "domain"},
     {"boost/describe", "boost/mp11", "boost/pfr", "rocksdb/", "cereal/", "sodium.h", "openssl/evp.h", "fcntl.h",
      "unistd.h", "sys/", "pthread.h", "nmmintrin.h"},
     {"projections/roster.h", true}},
    {"projections", {"projections", "eventstore", "domain"}, reflection, {"api/http/message.h", true}},
    {"api", {"api", "projections", "eventstore", "domain"}, {"*"}, {"tools/serve.h", true}},
    {"tools", {"tools", "api", "projections", "eventstore", "domain"}, {"*"}, {"tests/golden.h", true}},
    {"tests", {"tests", "tools", "api", "projections", "eventstore", "domain"}, {"*"}, {"golden.h", true}},
};

// A header that costs the compiler seconds, and the only files that may pay.
struct Heavy {
    std::string_view header;  // Or the beginning of its name.
    Names places;
    std::string_view instead;
    std::string_view planted_path;  // Must be refused there.
};

const std::vector<Heavy> heavy_headers{
    {"boost/beast",
     {"api/http/server.cpp", "api/http/connection.cpp"},
     "use api/http/message.h",
     "api/http/routes.cpp"},
    {"boost/asio", {"api/http/**"}, "use api/http/message.h", "api/mail/follower.cpp"},
    {"cereal/", {"eventstore/codec.cpp"}, "use the codec's functions", "eventstore/log.cpp"},
    {"curl/",
     {"api/mail/smtp.cpp", "api/webhooks/client.cpp"},
     "use api/mail/mailer.h or api/webhooks/client.h",
     "api/mail/mails.cpp"},
    {"expat.h", {"api/sheets/xml.cpp"}, "use api/sheets/xml.h", "api/imports/check.cpp"},
    {"kainjow/", {"api/mail/templates.cpp"}, "use api/mail/templates.h", "api/mail/composer.cpp"},
    {"nlohmann/json",
     {"api/**", "tests/api/**", "tests/fuzz/json.cpp", "tests/scenarios/admin.cpp"},
     "JSON is made in api/",
     "tools/audit.cpp"},
    {"rocksdb/",
     {"eventstore/*.cpp", "tests/eventstore/**", "tools/bench/**"},
     "use eventstore/table.h",
     "eventstore/log.h"},
    {"sodium", {"eventstore/*.cpp", "api/**.cpp"}, "ask for a function of eventstore/ or api/", "api/sessions.h"},
    {"unicode/", {"api/text/*.cpp"}, "use domain/text.h", "api/mail/message.cpp"},
    {"zip.h", {"api/sheets/zip_parts.cpp", "tests/api/**"}, "use api/sheets/xlsx.h", "api/imports/check.cpp"},
};

bool is_standard(std::string_view header) { return header.find_first_of("/.") == std::string_view::npos; }

bool begins_with_any(std::string_view header, const Names& beginnings) {
    return std::any_of(beginnings.begin(), beginnings.end(),
                       [header](std::string_view name) { return name == "*" || header.starts_with(name); });
}

std::string together(const Names& names) {
    std::string text;
    for (const std::string_view name : names) text += (text.empty() ? "" : ", ") + std::string(name);
    return text;
}

// Why this file may not include that header, or nothing.
std::optional<std::string> fault(std::string_view path, const Include& include) {
    const std::string_view folder = path.substr(0, path.find('/'));
    const auto layer =
        std::find_if(layers.begin(), layers.end(), [folder](const Layer& l) { return l.folder == folder; });
    if (layer == layers.end()) return "this folder is in no row of the table of layers";
    if (include.quoted) {
        const std::string_view target = include.name.substr(0, include.name.find('/'));
        if (target == include.name) return "write a header of ours with its folder: \"" + std::string(folder) + "/…\"";
        const bool allowed = std::find(layer->folders.begin(), layer->folders.end(), target) != layer->folders.end();
        if (!allowed) return std::string(folder) + "/ may include " + together(layer->folders) + " only";
        return std::nullopt;
    }
    for (const Heavy& heavy : heavy_headers) {
        if (include.name.starts_with(heavy.header) && !matches_any(heavy.places, path)) {
            return std::string(heavy.header) + " is for " + together(heavy.places) +
                   " only: " + std::string(heavy.instead);
        }
    }
    if (is_standard(include.name) || begins_with_any(include.name, layer->libraries)) return std::nullopt;
    return std::string(folder) + "/ may use the standard library and " + together(layer->libraries) + " only";
}

}  // namespace

TEST_CASE("every include runs along the arrows of the architecture") {
    std::size_t includes = 0;
    for (const SourceFile& file : source_files(repository_root())) {
        if (!is_code(file.path)) continue;
        std::size_t number = 0;
        for (const std::string_view line : lines_of(file.text)) {
            ++number;
            const std::optional<Include> include = include_of(line);
            if (!include) continue;
            ++includes;
            if (const auto why = fault(file.path, *include)) {
                FAIL_CHECK(file.path << ":" << number << ": " << line << "\n  " << *why);
            }
        }
    }
    CHECK(includes > 20);  // Else this test looked at another directory.
}

TEST_CASE("each layer refuses an include that runs the wrong way") {
    for (const Layer& layer : layers) {
        INFO(layer.folder);
        const std::string path = std::string(layer.folder) + "/some.cpp";
        CHECK(fault(path, layer.planted));
        CHECK_FALSE(fault(path, {"vector", false}));
        for (const std::string_view folder : layer.folders) {
            CHECK_FALSE(fault(path, {std::string(folder) + "/some.h", true}));
        }
    }
    CHECK(fault("domain/some.h", {"boost/url.hpp", false}));
    CHECK(fault("domain/some.h", {"unistd.h", false}));
    CHECK(fault("projections/some.cpp", {"sys/stat.h", false}));
    CHECK(fault("elsewhere/some.cpp", {"vector", false}));
}

TEST_CASE("each heavy header is refused outside its places") {
    for (const Heavy& heavy : heavy_headers) {
        INFO(heavy.header);
        const std::string header = std::string(heavy.header) + (heavy.header.ends_with("/") ? "some.h" : ".hpp");
        CHECK(fault(heavy.planted_path, {header, false}));
        for (std::string place : Names(heavy.places) | std::views::transform([](auto p) { return std::string(p); })) {
            while (place.find('*') != std::string::npos) place.replace(place.find('*'), 1, "x");
            CHECK_FALSE(fault(place, {header, false}));
        }
    }
}

TEST_CASE("an include is read as the compiler reads it") {
    CHECK(include_of("#include <vector>")->name == "vector");
    CHECK(include_of("  #  include\t\"domain/text.h\"  // Why.")->quoted);
    CHECK_FALSE(include_of("// #include <vector>"));
    CHECK_FALSE(include_of("#define include <vector>"));
    CHECK_FALSE(include_of("#include NAME"));
}

}  // namespace muster::house
