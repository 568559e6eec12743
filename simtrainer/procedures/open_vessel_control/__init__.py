"""Control of a bleeding artery in an open wound: incise, retract, dissect, press, clamp under vision, ligate."""
