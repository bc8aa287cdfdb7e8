#pragma once
// Values that can only be built valid: `parse` gives the value or what is wrong with the text. A default-constructed
// one is blank; it stands only where a body has faults, and never reaches a decision.

#include "domain/limits.h"
#include "domain/refusal.h"
#include "domain/text.h"

#include <compare>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace muster {

// A fault whose pointer the caller fills in.
std::unexpected<Fault> fault(Code code, std::string detail);

// An e-mail address: kept as typed (but for surrounding space), compared by its canonical form, which is NFC, case
// folding and UTS 46. Dots and +tags are part of it. No quoted local parts, no address literals.
class EmailAddress {
public:
    EmailAddress() = default;
    // For what was parsed before it was stored.
    EmailAddress(std::string text, std::string canonical) : text_(std::move(text)), canonical_(std::move(canonical)) {}
    static std::expected<EmailAddress, Fault> parse(std::string_view text, const Unicode& unicode);
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] const std::string& canonical() const { return canonical_; }
    [[nodiscard]] std::string_view local_part() const;
    [[nodiscard]] std::string_view canonical_domain() const;
    bool operator==(const EmailAddress& other) const { return canonical_ == other.canonical_; }

private:
    std::string text_;
    std::string canonical_;
};

// Checked text: trimmed, valid UTF-8, no control characters (free text may hold line breaks), 1 to a number of code
// points.
template <class Rule>
struct Text {
    std::string value;
    auto operator<=>(const Text&) const = default;
    [[nodiscard]] const std::string& text() const { return value; }
    static std::expected<Text, Fault> parse(std::string_view text, const Unicode&) {
        auto checked = Rule::check(text);
        if (!checked) return std::unexpected(checked.error());
        return Text{std::move(*checked)};
    }
};

struct NameRule {
    static std::expected<std::string, Fault> check(std::string_view);
};
struct PhoneRule {
    static std::expected<std::string, Fault> check(std::string_view);
};
struct HttpsUrlRule {
    static std::expected<std::string, Fault> check(std::string_view);
};
struct FreeTextRule {
    static std::expected<std::string, Fault> check(std::string_view);
};
struct SlugRule {
    static std::expected<std::string, Fault> check(std::string_view);
};
struct PathRule {
    static std::expected<std::string, Fault> check(std::string_view);
};

using Name = Text<NameRule>;          // of a person, a role, a workspace; a job title
using Phone = Text<PhoneRule>;        // digits, spaces and + - ( ) . /
using HttpsUrl = Text<HttpsUrlRule>;  // absolute, https
using FreeText = Text<FreeTextRule>;
using Slug = Text<SlugRule>;  // ^[a-z0-9](-?[a-z0-9])*$, at most 63, and no workspace id
using Path = Text<PathRule>;  // of a role's home: begins with one slash

// A name that is unique without regard to case.
struct FoldedName {
    std::string value;
    std::string folded;
    bool operator==(const FoldedName& other) const { return value == other.value; }
    [[nodiscard]] const std::string& text() const { return value; }
    static std::expected<FoldedName, Fault> parse(std::string_view text, const Unicode& unicode);
};

// A domain name of an allow list, in its canonical (lower-case ASCII) form.
struct EmailDomain {
    std::string value;
    auto operator<=>(const EmailDomain&) const = default;
    [[nodiscard]] const std::string& text() const { return value; }
    static std::expected<EmailDomain, Fault> parse(std::string_view text, const Unicode& unicode);
};

// A key by which roles, licences and permissions are named: ^[a-z][a-z0-9_.]{0,63}$.
bool valid_key(std::string_view text);

template <class Tag>
struct Key {
    std::string value;
    auto operator<=>(const Key&) const = default;
    [[nodiscard]] const std::string& text() const { return value; }
    static std::expected<Key, Fault> parse(std::string_view text, const Unicode&) {
        if (valid_key(text)) return Key{std::string(text)};
        return fault(
            Code::invalid_value,
            "A key begins with a lower-case letter, then up to 63 of a-z, 0-9, `_` and `.`; `users` is reserved.");
    }
};

using RoleKey = Key<struct RoleKeyTag>;
using LicenseKey = Key<struct LicenseKeyTag>;
using PermissionKey = Key<struct PermissionKeyTag>;

// The name that an address suggests: without the +tag, split at `. _ -`, digits dropped, each word capitalised; where
// nothing is left, the local part [S3-7].
std::string name_from(const EmailAddress& address, const Unicode& unicode);

}  // namespace muster
