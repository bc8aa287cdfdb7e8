#pragma once
// What the model's answers share.

#include "tests/model/model.h"

namespace muster::test {

using Faults = std::vector<std::string>;

Answer no(const std::string& code);
// One fault by its own code, several as validation_failed.
Answer no(const Faults& faults);

// What somebody with this may do.
std::set<std::string> powers(const PlaceOf& place, const Given& given);
// Whether the caller may not give these permissions, nor act on who has them.
bool above(const PlaceOf& place, const Ask& ask, const std::set<std::string>& wanted);
bool above(const PlaceOf& place, const Ask& ask, const Given& given);

// What the fields make of what somebody had.
Given choose(const PlaceOf& place, Given had, const Fields& fields, bool newcomer, Faults& faults);
void identity(const PlaceOf& place, const std::string& email, bool named, Faults& faults);
void check_ttl(std::optional<std::int64_t> ttl, Faults& faults);
// Licences that the plan no longer has, or no longer lets together, fall away.
void drop_lost(const PlaceOf& place, Given& given);
void drop_gone_teams(const PlaceOf& place, Given& given);
std::string guessed(const std::string& email);

// Puts an expired invitation of the address aside; or already_member, already_invited, member_deactivated.
Answer take_address(PlaceOf& place, const Ask& ask, const std::string& email, std::int64_t now);
// no_seats_remaining or last_admin, where what was done from `before` to `after` does not fit.
Answer fits(const PlaceOf& before, const PlaceOf& after, std::int64_t now);

// By subject; each changes the place it is given, also where it refuses.
Answer ask_of_invitation(PlaceOf& place, const Ask& ask, std::int64_t now);
Answer ask_of_member(PlaceOf& place, const Ask& ask, std::int64_t now);
Answer ask_of_wish(PlaceOf& place, const Ask& ask, std::int64_t now);
Answer ask_of_catalogue(PlaceOf& place, const Ask& ask, std::int64_t now);
Answer invite(PlaceOf& place, const Ask& ask, std::int64_t now);

}  // namespace muster::test
