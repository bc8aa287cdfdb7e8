#include "tests/golden.h"

#include "tests/scratch.h"

#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace muster {
namespace {

// Golden files of its own.
struct Golden {
    Scratch files;

    [[nodiscard]] auto compare(const std::string& name, const std::string& actual, bool update = false) const {
        return golden_fault(files.path(), name, actual, update);
    }
    [[nodiscard]] std::string read(const std::string& name) const {
        std::ostringstream text;
        text << std::ifstream(files / name, std::ios::binary).rdbuf();
        return text.str();
    }
};

constexpr bool rewrite = true;

}  // namespace

TEST_CASE("a golden file is compared byte for byte") {
    const Golden golden;
    CHECK(golden.compare("a/list.txt", "one\n"));  // Missing.
    CHECK_FALSE(golden.compare("a/list.txt", "one\ntwo\n", rewrite));
    CHECK_FALSE(golden.compare("a/list.txt", "one\ntwo\n"));
    CHECK(golden.compare("a/list.txt", "one\ntwo"));
    CHECK(golden.compare("a/list.txt", ""));
    CHECK(golden.read("a/list.txt") == "one\ntwo\n");
}

TEST_CASE("an update rewrites a golden file") {
    const Golden golden;
    CHECK_FALSE(golden.compare("list.txt", "one", rewrite));
    CHECK_FALSE(golden.compare("list.txt", std::string("\0\xFF", 2), rewrite));
    CHECK(golden.read("list.txt") == std::string("\0\xFF", 2));
}

TEST_CASE("an update adds stored events and never alters one") {
    const Golden golden;
    CHECK_FALSE(golden.compare("events/MemberInvited.hex", "01", rewrite));
    CHECK_FALSE(golden.compare("events/MemberInvited.hex", "01", rewrite));
    const auto fault = golden.compare("events/MemberInvited.hex", "02", rewrite);
    REQUIRE(fault);
    CHECK(fault->find("never altered") != std::string::npos);
    CHECK(golden.compare("x/../events/MemberInvited.hex", "02", rewrite));
    CHECK(golden.read("events/MemberInvited.hex") == "01");
}

TEST_CASE("a difference is shown by its lines") {
    const Golden golden;
    CHECK_FALSE(golden.compare("list.txt", "one\ntwo\nthree\n", rewrite));
    const std::string fault = golden.compare("list.txt", "one\nt\x01wo\nthree\n").value();
    CHECK(fault.find("from line 2 (- stored, + now):\n  one\n- two\n+ t\\x01wo\n  three\n") != std::string::npos);
    CHECK(golden.compare("list.txt", "one\ntwo\nthree")->find("+ three  (no end of line)") != std::string::npos);
}

TEST_CASE("a golden name stays in its directory") {
    const Golden golden;
    CHECK_THROWS_AS(golden.compare("../list.txt", "", rewrite), std::invalid_argument);
    CHECK_THROWS_AS(golden.compare("a/../../list.txt", "", rewrite), std::invalid_argument);
    CHECK_THROWS_AS(golden.compare("/tmp/list.txt", "", rewrite), std::invalid_argument);
    CHECK_THROWS_AS(golden.compare("", "", rewrite), std::invalid_argument);
    CHECK_THROWS_AS(golden.compare("a/", "", rewrite), std::invalid_argument);
}

}  // namespace muster
