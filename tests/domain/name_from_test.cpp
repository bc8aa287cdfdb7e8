#include "tests/domain/cast.h"

#include <catch2/catch.hpp>

namespace muster::spec {
namespace {

std::string guessed(const std::string& local_part) { return name_from(address(local_part + "@spring.example"), ascii); }

}  // namespace

TEST_CASE("[S3-7] a name is guessed from the address: split, capitalised, without tag and digits") {
    CHECK(guessed("john.smith") == "John Smith");
    CHECK(guessed("john_smith") == "John Smith");
    CHECK(guessed("john-smith") == "John Smith");
    CHECK(guessed("JOHN.SMITH") == "John Smith");
    CHECK(guessed("john") == "John");
    CHECK(guessed("john.smith+sales") == "John Smith");
    CHECK(guessed("john.smith42") == "John Smith");
    CHECK(guessed("john.2.smith") == "John Smith");
    CHECK(guessed("anna-maria_van.der.berg") == "Anna Maria Van Der Berg");
    CHECK(guessed("j__s") == "J S");
    CHECK(guessed("o'brien") == "O'brien");
}

TEST_CASE("where nothing is left, the local part is the name") {
    CHECK(guessed("42") == "42");
    CHECK(guessed("4-2_1") == "4-2_1");
    CHECK(guessed("42+sales") == "42+sales");
    CHECK(guessed("+sales") == "+sales");
    CHECK(name_from(EmailAddress{}, ascii).empty());
}

TEST_CASE("a role's address gives its word") {
    CHECK(guessed("info") == "Info");
    CHECK(guessed("no-reply") == "No Reply");
}

TEST_CASE("letters beyond ASCII are kept; api/unicode has how they are capitalised") {
    CHECK(guessed("jos\u00e9.garc\u00eda") == "Jos\u00e9 Garc\u00eda");
}

}  // namespace muster::spec
