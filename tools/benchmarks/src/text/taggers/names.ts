// What the taggers are called, wherever they are spoken of.
export const ourName = "saccade";
export const wordsAloneName = "saccade, attention removed";
export const perceptronName = "averaged perceptron";
export const winkName = "wink-nlp";
export const compromiseName = "compromise";
